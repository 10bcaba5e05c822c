//! Addresses to which one object can be uploaded for a while, signed as S3's presigned addresses are: whoever has
//! the address needs no further credentials, and cannot use it for another object, type or time.

use super::files::{Writer, lock, read};
use super::keys::hex;
use crate::error::{Result, TaskError};
use aslx_asl::Timestamp;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// Signs upload addresses, and checks them when somebody uploads.
pub struct UploadSigner {
    base: String,
    data: PathBuf,
    secret: OnceLock<Vec<u8>>,
}

/// What an upload says of itself: the address taken apart, and the content type that came with the content.
#[derive(Debug, Clone, Copy)]
pub struct UploadClaim<'a> {
    /// Name of the bucket.
    pub bucket: &'a str,
    /// The key, decoded.
    pub key: &'a str,
    /// The `Content-Type` header of the upload.
    pub content_type: &'a str,
    /// The `expires` parameter: seconds since the Unix epoch.
    pub expires: i64,
    /// The `signature` parameter.
    pub signature: &'a str,
}

impl UploadSigner {
    /// Addresses begin with `base` (without a slash at its end); the secret lies in the folder of data.
    pub fn new(data: &Path, base: impl Into<String>) -> UploadSigner {
        UploadSigner { base: base.into(), data: data.to_owned(), secret: OnceLock::new() }
    }

    /// An address for one upload: `<base>/<bucket>/<key>?expires=…&signature=…`.
    pub(super) fn sign(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        expires_in: Duration,
        now: Timestamp,
    ) -> Result<String> {
        let expires = now.plus_seconds(expires_in.as_secs()).as_millis() / 1000;
        let signature = hex(&self.mac(bucket, key, content_type, expires)?.finalize().into_bytes());
        let key = percent_encoded(key);
        Ok(format!("{}/{bucket}/{key}?expires={expires}&signature={signature}", self.base))
    }

    /// Whether an upload is one that was signed, and in time. Fails with `InvalidInput` when it is not.
    pub fn verify(&self, claim: &UploadClaim<'_>, now: Timestamp) -> Result<()> {
        let given: Vec<u8> = claim
            .signature
            .as_bytes()
            .chunks(2)
            .map_while(|pair| std::str::from_utf8(pair).ok().and_then(|p| u8::from_str_radix(p, 16).ok()))
            .collect();
        let mac = self.mac(claim.bucket, claim.key, claim.content_type, claim.expires)?;
        // Compares in constant time.
        if claim.signature.len() != 64 || mac.verify_slice(&given).is_err() {
            return Err(TaskError::input("the signature is not that of this bucket, key and content type"));
        }
        if now.as_millis() >= claim.expires.saturating_mul(1000) {
            return Err(TaskError::input("the upload address has expired"));
        }
        Ok(())
    }

    fn mac(&self, bucket: &str, key: &str, content_type: &str, expires: i64) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret()?)
            .map_err(|e| TaskError::storage("the upload secret cannot be used", e))?;
        mac.update(format!("PUT\n{bucket}\n{key}\n{content_type}\n{expires}").as_bytes());
        Ok(mac)
    }

    /// The secret of this folder of data, made when it is first needed.
    fn secret(&self) -> Result<&[u8]> {
        if let Some(secret) = self.secret.get() {
            return Ok(secret);
        }
        let path = self.data.join("upload-secret");
        let lock = lock(&self.data.join("tmp").join("upload-secret.lock"))?;
        let secret = match read(&path)? {
            Some(secret) if secret.len() >= 32 => secret,
            _ => {
                let secret = [uuid::Uuid::new_v4(), uuid::Uuid::new_v4(), uuid::Uuid::new_v4()];
                let secret: Vec<u8> = secret.iter().flat_map(|u| u.simple().to_string().into_bytes()).collect();
                Writer::new(&self.data).write(&path, &secret, true)?;
                secret
            }
        };
        drop(lock);
        Ok(self.secret.get_or_init(|| secret))
    }
}

fn percent_encoded(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_good_for_one_thing_and_not_for_long() {
        let data = tempfile::tempdir().unwrap();
        let signer = UploadSigner::new(data.path(), "http://localhost/up");
        let now = Timestamp::from_millis(1_700_000_000_000);
        let url = signer.sign("images", "uploads/1/a b.jpg", "image/jpeg", Duration::from_secs(300), now).unwrap();
        let signature = url.rsplit('=').next().unwrap();
        assert_eq!(
            url,
            format!("http://localhost/up/images/uploads/1/a%20b.jpg?expires=1700000300&signature={signature}")
        );
        let good = UploadClaim {
            bucket: "images",
            key: "uploads/1/a b.jpg",
            content_type: "image/jpeg",
            expires: 1_700_000_300,
            signature,
        };
        // Another process with the same data agrees.
        let other = UploadSigner::new(data.path(), "http://localhost/up");
        other.verify(&good, now.plus_seconds(299)).unwrap();
        assert_eq!(other.verify(&good, now.plus_seconds(300)).unwrap_err().message(), "the upload address has expired");
        for bad in [
            UploadClaim { bucket: "imagez", ..good },
            UploadClaim { key: "uploads/2/a b.jpg", ..good },
            UploadClaim { content_type: "image/png", ..good },
            UploadClaim { expires: 1_700_000_301, ..good },
            UploadClaim { signature: "00", ..good },
            UploadClaim { signature: "é", ..good },
            UploadClaim { signature: "", ..good },
        ] {
            assert!(other.verify(&bad, now).is_err(), "{bad:?}");
        }
    }
}

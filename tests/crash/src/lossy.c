/* A file layer for SQLite (a VFS) that shows what a power failure leaves.

   It hands everything on to the usual layer, and keeps beside each file that it writes
     FILE.durable   what was there at its last sync: all that a power failure is sure to leave;
     FILE.pending   the writes since then, in order, as records of offset (8 bytes), length (8 bytes), data.
                    A length of -1 is a truncation to that offset.
   A test kills the process at any moment (what was given to the system survives that), and makes the files anew from
   `durable` and any part of `pending`: see after_power_failure() in lib.rs.

   Three layers register themselves before main(): "lossy"; "lying", for which no sync ever reaches the disk, to see
   that the test finds what is missing; and "full", which keeps nothing of that: while there is a file "full" beside
   the file that is written, the disk has no room, and of each write only the beginning is done.

   The file of shared memory (-shm) needs none of this: SQLite makes it anew. Only one handle may write a file; that is
   how the store works. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "sqlite3.h"

typedef struct {
  sqlite3_file base;
  sqlite3_file *real; /* directly behind this struct */
  char *path;         /* NULL for files that are not kept, such as temporary ones */
  int durable, pending;
  int lies;
  char *full; /* there is no room while this file is there; NULL: there always is */
  int made; /* new, and not yet synced: the usual layer then syncs the directory too */
} File;

static sqlite3_vfs *usual, lossy, lying, full;

/* A file that was deleted. It may come back until its directory is synced. */
static char deleted[4096];

#define REAL(f) (((File *)(f))->real)
#define CALL(f, method, ...) REAL(f)->pMethods->method(REAL(f), ##__VA_ARGS__)

static int whole(ssize_t done, sqlite3_int64 wanted) { return done == wanted ? SQLITE_OK : SQLITE_IOERR_WRITE; }

/* Opens the two files beside a file when it is first written. */
static int shadow(File *f) {
  char name[4096];
  if (f->durable >= 0) return SQLITE_OK;
  snprintf(name, sizeof name, "%s.durable", f->path);
  f->durable = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  snprintf(name, sizeof name, "%s.pending", f->path);
  f->pending = open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  return f->durable >= 0 && f->pending >= 0 ? SQLITE_OK : SQLITE_IOERR;
}

static int note(File *f, const void *data, sqlite3_int64 length, sqlite3_int64 offset) {
  sqlite3_int64 head[2] = {offset, length};
  int rc;
  if (!f->path) return SQLITE_OK;
  rc = shadow(f);
  if (rc == SQLITE_OK) rc = whole(write(f->pending, head, sizeof head), sizeof head);
  if (rc == SQLITE_OK && length > 0) rc = whole(write(f->pending, data, (size_t)length), length);
  return rc;
}

static void forget(const char *path) {
  char name[4200];
  snprintf(name, sizeof name, "%s.durable", path);
  unlink(name);
  snprintf(name, sizeof name, "%s.pending", path);
  unlink(name);
}

static void directory_synced(void) {
  if (deleted[0]) forget(deleted);
  deleted[0] = 0;
}

/* A sync has returned: what was pending is durable. */
static int settle(File *f) {
  static const int page = 1 << 16;
  sqlite3_int64 head[2], at = 0;
  int rc = SQLITE_OK;
  char *data;
  if (!f->path || f->durable < 0 || f->lies) return SQLITE_OK;
  if (f->made) directory_synced();
  f->made = 0;
  data = sqlite3_malloc(page);
  if (!data) return SQLITE_NOMEM;
  while (rc == SQLITE_OK && pread(f->pending, head, sizeof head, at) == (ssize_t)sizeof head) {
    at += sizeof head;
    if (head[1] < 0) rc = ftruncate(f->durable, head[0]) ? SQLITE_IOERR : SQLITE_OK;
    while (rc == SQLITE_OK && head[1] > 0) {
      size_t part = head[1] < page ? (size_t)head[1] : (size_t)page;
      rc = whole(pread(f->pending, data, part, at), (sqlite3_int64)part);
      if (rc == SQLITE_OK) rc = whole(pwrite(f->durable, data, part, head[0]), (sqlite3_int64)part);
      at += part, head[0] += part, head[1] -= part;
    }
  }
  sqlite3_free(data);
  if (rc == SQLITE_OK && ftruncate(f->pending, 0)) rc = SQLITE_IOERR;
  return rc;
}

static int x_close(sqlite3_file *file) {
  File *f = (File *)file;
  int rc = CALL(f, xClose);
  if (f->durable >= 0) close(f->durable);
  if (f->pending >= 0) close(f->pending);
  sqlite3_free(f->path);
  sqlite3_free(f->full);
  return rc;
}
static int x_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at) { return CALL(f, xRead, to, n, at); }
static int x_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at) {
  const char *full = ((File *)f)->full;
  int rc;
  if (full && access(full, F_OK) == 0) {
    rc = CALL(f, xWrite, from, n / 2, at);
    return rc == SQLITE_OK ? SQLITE_FULL : rc;
  }
  rc = note((File *)f, from, n, at);
  return rc == SQLITE_OK ? CALL(f, xWrite, from, n, at) : rc;
}
static int x_truncate(sqlite3_file *f, sqlite3_int64 size) {
  int rc = note((File *)f, 0, -1, size);
  return rc == SQLITE_OK ? CALL(f, xTruncate, size) : rc;
}
static int x_sync(sqlite3_file *f, int flags) {
  int rc = CALL(f, xSync, flags);
  return rc == SQLITE_OK ? settle((File *)f) : rc;
}
static int x_size(sqlite3_file *f, sqlite3_int64 *size) { return CALL(f, xFileSize, size); }
static int x_lock(sqlite3_file *f, int level) { return CALL(f, xLock, level); }
static int x_unlock(sqlite3_file *f, int level) { return CALL(f, xUnlock, level); }
static int x_reserved(sqlite3_file *f, int *out) { return CALL(f, xCheckReservedLock, out); }
static int x_control(sqlite3_file *f, int op, void *arg) { return CALL(f, xFileControl, op, arg); }
static int x_sector(sqlite3_file *f) { return CALL(f, xSectorSize); }
static int x_traits(sqlite3_file *f) { return CALL(f, xDeviceCharacteristics); }
static int x_map(sqlite3_file *f, int i, int n, int extend, void volatile **to) {
  return CALL(f, xShmMap, i, n, extend, to);
}
static int x_shm_lock(sqlite3_file *f, int from, int n, int flags) { return CALL(f, xShmLock, from, n, flags); }
static void x_barrier(sqlite3_file *f) { CALL(f, xShmBarrier); }
static int x_unmap(sqlite3_file *f, int delete) { return CALL(f, xShmUnmap, delete); }

/* Version 2: without reading through mapped memory. */
static const sqlite3_io_methods methods = {2,      x_close, x_read,     x_write,   x_truncate, x_sync,
                                           x_size, x_lock,  x_unlock,   x_reserved, x_control, x_sector,
                                           x_traits, x_map, x_shm_lock, x_barrier, x_unmap,    0, 0};

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  File *f = (File *)file;
  int rc;
  memset(f, 0, sizeof *f);
  f->real = (sqlite3_file *)(f + 1);
  f->durable = f->pending = -1;
  f->lies = vfs->pAppData == &lying;
  f->made = name && (flags & SQLITE_OPEN_CREATE) && access(name, F_OK);
  rc = usual->xOpen(usual, name, f->real, flags, out);
  if (rc != SQLITE_OK) return rc;
  if (name && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL))) {
    const char *slash = strrchr(name, '/');
    if (vfs->pAppData == &full) {
      f->full = sqlite3_mprintf("%.*s/full", slash ? (int)(slash - name) : 1, slash ? name : ".");
    } else {
      f->path = sqlite3_mprintf("%s", name);
    }
  }
  f->base.pMethods = &methods;
  return SQLITE_OK;
}
static int v_delete(sqlite3_vfs *v, const char *name, int sync) {
  int rc = usual->xDelete(usual, name, sync);
  (void)v;
  if (rc != SQLITE_OK) return rc;
  snprintf(deleted, sizeof deleted, "%s", name);
  if (sync) directory_synced();
  return SQLITE_OK;
}
static int v_access(sqlite3_vfs *v, const char *name, int flags, int *out) {
  (void)v;
  return usual->xAccess(usual, name, flags, out);
}
static int v_full(sqlite3_vfs *v, const char *name, int n, char *out) {
  (void)v;
  return usual->xFullPathname(usual, name, n, out);
}
static int v_random(sqlite3_vfs *v, int n, char *out) { (void)v; return usual->xRandomness(usual, n, out); }
static int v_sleep(sqlite3_vfs *v, int micros) { (void)v; return usual->xSleep(usual, micros); }
static int v_time(sqlite3_vfs *v, double *out) { (void)v; return usual->xCurrentTime(usual, out); }
static int v_error(sqlite3_vfs *v, int n, char *out) { (void)v; return usual->xGetLastError(usual, n, out); }

static void enter(sqlite3_vfs *vfs, const char *name) {
  vfs->iVersion = 1;
  vfs->szOsFile = (int)sizeof(File) + usual->szOsFile;
  vfs->mxPathname = usual->mxPathname;
  vfs->zName = name;
  vfs->pAppData = vfs;
  vfs->xOpen = x_open;
  vfs->xDelete = v_delete;
  vfs->xAccess = v_access;
  vfs->xFullPathname = v_full;
  vfs->xRandomness = v_random;
  vfs->xSleep = v_sleep;
  vfs->xCurrentTime = v_time;
  vfs->xGetLastError = v_error;
  sqlite3_vfs_register(vfs, 0);
}

__attribute__((constructor)) static void enter_all(void) {
  usual = sqlite3_vfs_find(0);
  enter(&lossy, "lossy");
  enter(&lying, "lying");
  enter(&full, "full");
}

"""The page for people in headless Chromium: what it shows, that it follows what runs, and that it only reads.

    python tests/clients/page.py target/release/aslx [CHROMIUM]
    python tests/clients/page.py target/release/aslx [CHROMIUM] --picture docs/images/page.png

The second form makes the picture of the documentation and tests nothing.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import unittest

import boto3
from botocore.config import Config
from playwright.sync_api import expect, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
PIPELINE = ROOT / "definitions" / "image-pipeline"
ROLE = "arn:aws:iam::000000000000:role/any"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
# The page may ask for nothing else.
READING = {"DescribeExecution", "DescribeMapRun", "DescribeStateMachineForExecution", "GetExecutionHistory", "ListMapRuns"}
HOSTILE = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>"


class Server:
    """A server on a free port with an empty data directory, and a client of it."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory()
        self.data = pathlib.Path(self.folder.name)
        command = [program, "serve", "--listen", "127.0.0.1:0", "--data", str(self.data), "-q"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = re.search(r"AWS_ENDPOINT_URL_SFN=(\S+)", self.process.stdout.readline()).group(1)
        self.sfn = boto3.client(
            "stepfunctions", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id="test",
            aws_secret_access_key="test", config=Config(inject_host_prefix=False, read_timeout=70),
        )

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.folder.cleanup()

    def machine(self, name, states, kind="STANDARD"):
        definition = states if isinstance(states, str) else json.dumps({"StartAt": next(iter(states)), "States": states})
        made = self.sfn.create_state_machine(name=name, definition=definition, roleArn=ROLE, type=kind)
        return made["stateMachineArn"]

    def start(self, machine, given=None, name=None, wait=True):
        more = {"name": name} if name else {}
        given = json.dumps({} if given is None else given, ensure_ascii=False)
        arn = self.sfn.start_execution(stateMachineArn=machine, input=given, **more)["executionArn"]
        while wait and self.sfn.describe_execution(executionArn=arn)["status"] == "RUNNING":
            pass
        return arn

    def pipeline(self, *photos):
        """Runs the image pipeline on sample photos; gives the last execution."""
        text = (PIPELINE / "image-pipeline.asl.json").read_text()
        for name, value in tomllib.loads((PIPELINE / "aslx.toml").read_text())["substitutions"].items():
            text = text.replace("${%s}" % name, value)
        machine = self.machine("image-pipeline", text)
        for photo in photos:
            stem = pathlib.Path(photo).stem
            given = json.loads((PIPELINE / "inputs" / f"{stem}.json").read_text())
            target = self.data / "buckets" / given["bucket"] / given["key"]
            target.parent.mkdir(parents=True)
            for file in (PIPELINE / "photos").glob(f"{photo}*"):
                shutil.copy(file, target.parent / file.name)
            arn = self.start(machine, given, name=stem)
        return arn


class PageTest(unittest.TestCase):
    program = browser = server = None

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.program)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self.page = self.open()

    def open(self, address="", **settings):
        """A page in a window of its own. Whatever it should not do fails the test at its end."""
        context = self.browser.new_context(**{"viewport": {"width": 1400, "height": 900}, **settings})
        self.addCleanup(context.close)
        page = context.new_page()
        page.set_default_timeout(10_000)
        self.faults = getattr(self, "faults", [])
        page.on("console", lambda message: message.type in ("error", "warning") and self.faults.append(message.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("dialog", lambda dialog: (self.faults.append(dialog.message), dialog.dismiss()))
        page.on("request", self.look)
        page.goto(self.server.url + "/" + address)
        return page

    def look(self, request):
        if not request.url.startswith((self.server.url + "/", "data:,")):
            self.faults.append(f"a request to {request.url}")
        operation = request.headers.get("x-amz-target", "").removeprefix("AWSStepFunctions.")
        if request.method != "GET" and operation not in READING:
            self.faults.append(f"{request.method} {request.url} {operation}")

    def tearDown(self):
        self.assertEqual(self.faults, [])

    def see(self, arn, **more):
        self.page.goto(f"{self.server.url}/#execution={arn}" + "".join(f"&{name}={value}" for name, value in more.items()))
        expect(self.page.locator("#name")).to_have_text(arn.split(":")[-1])

    def row(self, state):
        return self.page.locator(f'#visits tr.visit[data-state="{state}"]')

    def tone(self, state):
        shape = self.page.locator(f'#graph g[data-state="{state}"] > :is(rect, path)').first
        expect(shape).to_be_visible()
        return shape.get_attribute("class").removeprefix("state ")


class Empty(PageTest):
    def test_it_says_what_to_do(self):
        expect(self.page.locator("#none")).to_contain_text(f"--endpoint-url {self.server.url} create-state-machine")
        machine = self.server.machine("first", {"A": {"Type": "Pass", "End": True}})
        expect(self.page.locator("#none")).to_contain_text(f"start-execution --state-machine-arn '{machine}'")
        arn = self.server.start(machine)
        expect(self.page.locator("#executions li")).to_have_count(1)
        expect(self.page.locator("#name")).to_have_text(arn.split(":")[-1])


class Page(PageTest):
    def test_the_image_pipeline(self):
        arn = self.server.pipeline("flagged.jpg")
        self.see(arn)
        expect(self.page.locator("#chip")).to_contain_text("SUCCEEDED")
        tones = {state: self.tone(state) for state in
                 ["HasImageId", "TakeImageIdFromKey", "ParallelProcessing", "GenerateThumbnails", "MarkFailed"]}
        self.assertEqual(tones, {"HasImageId": "good", "TakeImageIdFromKey": "plain", "ParallelProcessing": "good",
                                 "GenerateThumbnails": "good", "MarkFailed": "plain"})
        fill = self.page.locator('#graph g[data-state="GenerateThumbnails"] > rect').evaluate("e => getComputedStyle(e).fill")
        self.assertEqual(fill, "rgb(211, 245, 220)", "the colours of the picture's style sheet are missing")

        # A click in the picture unfolds the state.
        self.page.locator('#graph g[data-state="GenerateThumbnails"]').click()
        details = self.page.locator("#visits tr.details")
        expect(details).to_have_count(1)
        expect(details.locator("pre").first).to_contain_text('"bucket": "images"')
        expect(details.locator("pre").last).to_contain_text('"large": "thumbnails/flagged-1/large.jpg"')
        expect(details.locator(".attempts li")).to_have_count(1)
        details.locator("summary").click()
        expect(details.locator("details pre")).to_contain_text("uploads/flagged-1/flagged.jpg")

        # From the state to its events, and back.
        details.get_by_role("button", name="history from event").click()
        events = self.server.sfn.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        rows = self.page.locator("#events tr")
        expect(rows).to_have_count(len(events))
        self.assertEqual(rows.locator("td:nth-child(4)").all_text_contents(), [event["type"] for event in events])
        first = self.page.locator("#events tr.chosen").first
        expect(first).to_contain_text("TaskStateEntered")
        expect(first).to_be_in_viewport()
        self.page.locator("#events").get_by_role("button", name="FlagContent").first.click()
        expect(self.row("FlagContent")).to_have_class(re.compile("chosen"))
        expect(self.page.locator('#graph g[data-state="FlagContent"]')).to_have_class("chosen")

        self.page.get_by_role("tab", name="Input and output").click()
        expect(self.page.locator("#panel-data pre").first).to_contain_text('"key": "uploads/flagged-1/flagged.jpg"')
        self.page.get_by_role("tab", name="Definition").click()
        expect(self.page.locator("#panel-definition pre")).to_contain_text('"StartAt": "HasImageId"')

    def test_it_follows_what_runs(self):
        activity = self.server.sfn.create_activity(name="follow")["activityArn"]
        machine = self.server.machine("follow", {"Work": {"Type": "Task", "Resource": activity, "Next": "Done"},
                                                 "Done": {"Type": "Succeed"}})
        arn = self.server.start(machine, {"n": 21}, wait=False)
        self.see(arn)
        expect(self.page.locator("#chip")).to_contain_text("RUNNING")
        entry = self.page.locator(f'#executions a[data-key="{arn}"]')
        expect(entry).to_contain_text("RUNNING")
        self.assertEqual((self.tone("Work"), self.tone("Done")), ("active", "plain"))
        self.page.evaluate("window.sameDocument = true")
        self.row("Work").click()
        expect(self.page.locator("#visits tr.details pre").first).to_contain_text('"n": 21')

        task = self.server.sfn.get_activity_task(activityArn=activity, workerName="w")
        self.server.sfn.send_task_success(taskToken=task["taskToken"], output='{"twice": 42}')
        expect(self.page.locator("#chip")).to_contain_text("SUCCEEDED")
        expect(entry).to_contain_text("SUCCEEDED")
        expect(self.page.locator("#graph g[data-state=Work] > rect")).to_have_class("state good")
        # What was unfolded still is, and has the output now.
        expect(self.page.locator("#visits tr.details pre").last).to_contain_text('"twice": 42')
        expect(self.page.locator("#visits tr.visit")).to_have_count(2)
        self.page.get_by_role("tab", name="Input and output").click()
        expect(self.page.locator("#panel-data pre").last).to_contain_text('"twice": 42')
        self.assertTrue(self.page.evaluate("window.sameDocument"), "the page was loaded again")

    def test_attempts_with_their_errors_and_pauses(self):
        load = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem",
                "Parameters": {"TableName": "none", "Key": {"id": {"S": "7"}}}, "Next": "Done",
                "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "GiveUp"}]}
        machine = self.server.machine("retried", {"Load": load, "Done": {"Type": "Succeed"},
                                                  "GiveUp": {"Type": "Fail", "Error": "GaveUp", "Cause": "after three"}})
        arn = self.server.start(machine)
        self.see(arn)
        expect(self.page.locator("#failure")).to_have_text("GaveUp: after three")
        self.assertEqual((self.tone("Load"), self.tone("GiveUp"), self.tone("Done")), ("doubtful", "bad", "plain"))
        expect(self.row("Load")).to_have_attribute("data-status", "CAUGHT")
        self.row("Load").click()
        attempts = self.page.locator("#visits .attempts li:not(.pause)")
        expect(attempts).to_have_count(3)
        expect(attempts.first).to_contain_text("DynamoDB.ResourceNotFoundException: Requested resource not found")
        expect(self.page.locator("#visits .attempts .pause")).to_have_text([re.compile(r"waited 1\.\d s")] * 2)
        expect(self.row("Load").locator(".track .try")).to_have_count(3)
        expect(self.page.locator("#visits tr.details")).to_contain_text("then GiveUp")

        self.server.sfn.redrive_execution(executionArn=arn)
        expect(self.page.locator("#facts")).to_contain_text("Redriven1×")
        expect(self.page.locator("#events tr", has_text="ExecutionRedriven")).to_have_count(1)

    def test_a_distributed_map_and_its_children(self):
        states = {"Odd": {"Type": "Choice", "Default": "Fine", "Choices": [{"Variable": "$", "NumericEquals": 7, "Next": "Bad"}]},
                  "Fine": {"Type": "Succeed"}, "Bad": {"Type": "Fail", "Error": "Seven"}}
        each = {"Type": "Map", "Label": "Each", "ItemsPath": "$.n", "ToleratedFailureCount": 1, "End": True,
                "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                                  "StartAt": "Odd", "States": states}}
        arn = self.server.start(self.server.machine("spread", {"Each": each}), {"n": list(range(70))})
        self.see(arn)
        expect(self.page.locator("#runs")).to_contain_text("70 items: 69 succeeded, 1 failed")
        self.page.get_by_role("button", name="show its 70 children").click()
        expect(self.page.locator("#executions li")).to_have_count(50)
        self.page.locator("#older").click()
        expect(self.page.locator("#executions li")).to_have_count(20)
        self.page.locator("#status").select_option("FAILED")
        expect(self.page.locator("#executions li")).to_have_count(1)
        self.page.locator("#executions a").click()
        expect(self.page.locator("#failure")).to_contain_text("Seven")
        # The picture comes after the facts.
        patience = time.monotonic() + 10
        while self.tone("Bad") != "bad" and time.monotonic() < patience:
            self.page.wait_for_timeout(50)
        self.assertEqual(self.tone("Bad"), "bad")
        self.page.locator("#facts").get_by_role("link").click()
        expect(self.page.locator("#name")).to_have_text(arn.split(":")[-1])
        expect(self.page.locator("#scope")).to_be_hidden()

    def test_many_executions(self):
        echo = self.server.machine("many", {"Echo": {"Type": "Pass", "End": True}})
        fail = self.server.machine("few", {"No": {"Type": "Fail", "Error": "No"}})
        threads = [threading.Thread(target=lambda part=part: [self.server.start(echo, n, wait=False) for n in range(part, 1000, 4)])
                   for part in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        named = self.server.start(fail, name="the-one")
        self.page.locator("#machine").select_option(label="many")
        entries = self.page.locator("#executions a")
        expect(entries).to_have_count(50)
        expect(entries.filter(has_text="many ·")).to_have_count(50)
        seen = set()
        for page in range(20):
            expect(entries).to_have_count(50)
            # At one moment: the list may be drawn anew between two questions.
            here = set(entries.evaluate_all("all => all.map((entry) => entry.dataset.key)"))
            self.assertFalse(here & seen, "an execution is on two pages")
            seen |= here
            if page < 19:
                before = entries.first.get_attribute("data-key")
                self.page.locator("#older").click()
                expect(entries.first).not_to_have_attribute("data-key", before)
        self.assertEqual(len(seen), 1000)
        expect(self.page.locator("#older")).to_be_disabled()
        self.page.locator("#newer").click()
        expect(self.page.locator("#older")).to_be_enabled()

        self.page.locator("#status").select_option("FAILED")
        expect(self.page.locator("#none")).to_contain_text("No execution has this status")
        self.page.locator("#machine").select_option(label="few")
        expect(entries).to_have_count(1)
        self.page.locator("#machine").select_option(label="all")
        self.page.locator("#status").select_option(label="any")
        for text in ["the-one", named]:
            self.page.locator("#find").fill(text)
            self.page.locator("#find").press("Enter")
            expect(entries).to_have_count(1)
            expect(entries).to_contain_text("the-one")
        self.page.locator("#find").fill("nobody")
        self.page.locator("#find").press("Enter")
        expect(self.page.locator("#none")).to_contain_text("No execution has this name")

    def test_names_and_payloads_are_only_text(self):
        word = "w" * 3000
        states = {HOSTILE: {"Type": "Pass", "Comment": HOSTILE, "Next": "Verylong" * 9},
                  "Verylong" * 9: {"Type": "Fail", "Error": HOSTILE, "Cause": HOSTILE}}
        arn = self.server.start(self.server.machine("wörter-日本", states), {"text": HOSTILE, "更": "\u202e🎉", "word": word})
        self.see(arn)
        expect(self.page.locator("#failure")).to_have_text(f"{HOSTILE}: {HOSTILE}")
        expect(self.page.locator("#machine option", has_text="wörter-日本")).to_have_count(1)
        for row in self.page.locator("#visits tr.visit").all():
            row.click()
        for tab in ["History", "Input and output", "Definition", "States"]:
            self.page.get_by_role("tab", name=tab).click()
        for summary in self.page.locator("#events summary").all():
            summary.evaluate("e => e.parentNode.open = true")
        self.assertEqual(self.page.locator("#visits tr.visit button").first.inner_text(), f"✓ {HOSTILE}")
        text = json.dumps(HOSTILE)[1:-1]
        expect(self.page.locator("#visits tr.details pre").first).to_contain_text(text)
        expect(self.page.locator("#events pre", has_text=text).first).to_be_attached()
        expect(self.page.locator("#panel-data pre").first).to_contain_text("🎉")
        self.assertEqual(self.page.locator("img").count(), 0)
        self.assertEqual(self.page.locator("script").count(), 1)
        wide = self.page.evaluate("document.documentElement.scrollWidth > innerWidth")
        self.assertFalse(wide, "a long word makes the page wider than the window")

    def test_a_large_payload(self):
        arn = self.server.start(self.server.machine("large", {"Echo": {"Type": "Pass", "End": True}}), {"x": "y" * 200_000})
        self.see(arn, tab="data")
        self.assertEqual(self.page.locator("#panel-data pre").first.evaluate("e => e.textContent.length"), 200_000 + len('{\n  "x": ""\n}'))

    def test_express_is_explained(self):
        machine = self.server.machine("swift", {"Echo": {"Type": "Pass", "End": True}}, "EXPRESS")
        self.server.sfn.start_sync_execution(stateMachineArn=machine)
        self.page.locator("#machine").select_option(label="swift (Express)")
        expect(self.page.locator("#none")).to_contain_text("Express executions are not listed")

    def test_a_link_leads_to_the_same_place(self):
        machine = self.server.machine("linked", {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "End": True}})
        arn = self.server.start(machine, {"here": 1})
        self.see(arn)
        self.page.locator('#graph g[data-state="B"]').click()
        self.page.locator("#machine").select_option(label="linked")
        expect(self.row("B")).to_have_class(re.compile("chosen"))
        address = self.page.url.split("/")[-1]
        self.page = self.open(address)
        expect(self.row("B")).to_have_class(re.compile("chosen"))
        expect(self.page.locator("#visits tr.details pre").first).to_contain_text('"here": 1')
        expect(self.page.locator("#machine option:checked")).to_have_text("linked")
        self.page.get_by_role("tab", name="History").click()
        self.page.go_back()
        expect(self.page.get_by_role("tab", name="States")).to_have_attribute("aria-selected", "true")

    def test_payloads_are_copied_as_they_are(self):
        arn = self.server.start(self.server.machine("copied", {"Echo": {"Type": "Pass", "End": True}}), {"a": [1, 2]})
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=self.server.url)
        self.see(arn, tab="data")
        self.page.get_by_role("button", name="Copy output").click()
        expect(self.page.locator("#panel-data button.copy").last).to_have_text("copied")
        self.assertEqual(self.page.evaluate("navigator.clipboard.readText()"), '{"a": [1, 2]}')

    def test_the_keyboard_is_enough(self):
        machine = self.server.machine("typed", {"A": {"Type": "Pass", "End": True}})
        arns = [self.server.start(machine, name=name) for name in ("one", "two")]
        self.page = self.open(f"#machine={machine}")
        link = self.page.locator(f'#executions a[data-key="{arns[0]}"]')
        link.focus()
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#name")).to_have_text("one")
        # The list is drawn anew; the focus stays where it was.
        expect(link).to_be_focused()
        self.page.locator("#tab-states").focus()
        self.page.keyboard.press("ArrowRight")
        expect(self.page.locator("#tab-history")).to_be_focused()
        expect(self.page.locator("#panel-history")).to_be_visible()
        self.page.keyboard.press("ArrowLeft")
        self.row("A").locator("button").focus()
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#visits tr.details")).to_be_visible()
        expect(self.row("A").locator("button")).to_be_focused()

    def test_narrow_and_dark(self):
        arn = self.server.start(self.server.machine("narrow", {"A": {"Type": "Pass", "End": True}}))
        self.page = self.open(f"#execution={arn}", viewport={"width": 390, "height": 800}, color_scheme="dark")
        expect(self.page.locator("#graph svg")).to_be_visible()
        self.assertFalse(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))
        dark = self.page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
        self.assertEqual(dark, "rgb(20, 23, 28)")
        expect(self.page.locator("nav")).to_be_hidden()
        self.page.get_by_role("button", name="All executions").click()
        expect(self.page.locator("nav")).to_be_visible()
        expect(self.page.locator("#execution")).to_be_hidden()

    def test_a_token_is_a_password(self):
        token = self.server.data / "token"
        token.write_text("secret")
        token.chmod(0o600)
        command = [self.program, "serve", "--listen", "127.0.0.1:0", "--memory", "-q", "--token-file", str(token)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        url = re.search(r"AWS_ENDPOINT_URL_SFN=(\S+)", process.stdout.readline()).group(1)
        for password, status in [("secret", 200), ("wrong", 401)]:
            context = self.browser.new_context(http_credentials={"username": "any", "password": password})
            self.addCleanup(context.close)
            page = context.new_page()
            self.assertEqual(page.goto(url).status, status)
        page = self.browser.contexts[-2].pages[0]
        expect(page.locator("#none")).to_contain_text("No state machines yet")

    def test_the_policy_keeps_the_page_at_home(self):
        policy = self.page.request.get(self.server.url).headers["content-security-policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        expect(self.page.locator("#machine")).to_be_visible()
        blocked = self.page.evaluate("""() => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => resolve(violatedDirective));
            fetch("http://localhost:9/").catch(() => {});
        })""")
        self.assertEqual(blocked, "connect-src")
        self.assertTrue(all("localhost:9" in fault or "Content Security Policy" in fault for fault in self.faults), self.faults)
        self.faults.clear()


def picture(server, browser, file):
    """The page with an execution of the image pipeline."""
    arn = server.pipeline("beach.jpg", "broken.jpg", "flagged.jpg")
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto(f"{server.url}/#execution={arn}")
    page.locator('#graph g[data-state="AnalyzeImage"]').click()
    expect(page.locator("#visits tr.details")).to_be_visible()
    page.screenshot(path=file)


def main(program, chromium="/usr/bin/chromium", *more):
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as home:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS, env={"HOME": home, "PATH": "/usr/bin:/bin"})
        if more[:1] == ("--picture",):
            server = Server(program)
            picture(server, browser, more[1])
            server.stop()
            return
        PageTest.program, PageTest.browser = program, browser
        suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in (Empty, Page))
        result = unittest.TextTestRunner(verbosity=1).run(suite)
        browser.close()
        sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main(*sys.argv[1:])

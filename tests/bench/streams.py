"""What programs as mappers and reducers are to reach, against the same in a shell's pipe, by GNU
parallel and on Hadoop, and what they cost alone; and mrjob's jobs, against its own runners."""
import glob
import os
import pathlib
import shlex
import shutil
import subprocess

import figures
from figures import Figure

TWO = "--mappers=2 --reducers=2"
WORDS = r"tr -s '[:space:]' '\n' | sed 's/$/\t1/'"
SUMS = r"mawk -F '\t' -f <programs>/sums.awk"
SORT = "LC_ALL=C sort --parallel=2 -S 4G"
COUNT = f"<wc_mr> --mapper={shlex.quote(WORDS)} --reducer={shlex.quote(SUMS)} {TWO} <operand>"
PIPE = f"<stream>{WORDS} | {SORT} | {SUMS}"
ALONE = (f"<stream>{WORDS}", f"{SUMS} <sorted_lines>")
SORTED_PART = shlex.quote(f"{WORDS} | LC_ALL=C sort -S 2G >{{#}}")
PARALLEL = (f"rm -rf <work>/parts && mkdir <work>/parts && cd <work>/parts && "
            f"parallel --pipepart -a <operand> --block -1 -j2 {SORTED_PART} && "
            f"LC_ALL=C sort -m * | {SUMS}")
STREAMING = ("rm -rf <work>/streamed && <real_hadoop> jar <streaming_jar> "
             "-D mapreduce.job.reduces=2 -input <operand> -output <work>/streamed")
ON_HADOOP = (f"{STREAMING} -mapper 'sh <programs>/words.sh' "
             r"""-reducer "mawk -F '\t' -f <programs>/sums.awk" """)
ROLES_ON_HADOOP = f"{STREAMING} -mapper '<wc_mr> --as=mapper' -reducer '<wc_mr> --as=reducer'"
CATS = ("rm -rf <work>/cats && <wc_mr> --mapper=cat --reducer=cat --mappers=1 --reducers=1 "
        "--output-dir=<work>/cats <operand>")
MRJOB = "env -u PYTHONUNBUFFERED WC_MR_HDFS=<work>/hdfs <python> <programs>/with_mrjob.py -q"
HADOOP = f"{MRJOB} -r hadoop --hadoop-bin <hadoop> <operand>"
LOCAL, INLINE = (f"{MRJOB} -r {runner} <operand>" for runner in ("local", "inline"))

FIGURES = [
    Figure("prose: throughput of tr, sed and awk, against a pipe with sort", "prose", "ratio",
           ">= 3", (PIPE, COUNT)),
    Figure("prose: time of tr, sed and awk, against half of what they cost alone", "prose",
           "own time", "<= 1.3", (COUNT, *ALONE)),
    *(Figure(f"{name}: MB a second of a processor between two cats", name, f"MB/s of {name}",
             ">= 250", (CATS,)) for name in ("prose", "keys", "log")),
    Figure("sources: throughput of mrjob's word count, against its local runner", "sources",
           "ratio", ">= 3", (LOCAL, HADOOP)),
    Figure("sources: processor time of mrjob's word count, against that of its inline runner",
           "sources", "processor time", "<= 1.2", (HADOOP, INLINE)),
]

FIGURES_WITH_PARALLEL = [
    Figure("prose: throughput of tr, sed and awk, against GNU parallel with sort", "prose", "ratio",
           ">= 2", (PARALLEL, COUNT)),
]
FIGURES_WITH_HADOOP = [
    Figure("prose: throughput of tr, sed and awk, against Hadoop's local runner", "prose", "ratio",
           ">= 7", (ON_HADOOP, COUNT)),
    Figure("prose: on Hadoop, throughput of wc-mr's roles, against tr, sed and awk", "prose",
           "ratio", ">= 3", (ON_HADOOP, ROLES_ON_HADOOP)),
]

NEEDS = ("mawk", "mrjob local")
CLUSTER = pathlib.Path(__file__).resolve().parents[2] / "build/cluster"


def sorted_lines(bench):
    """What the reducer of prose gets, in a file that is made once."""
    text = bench.maker.ready(bench.inputs["prose"])
    path = f"{text.path}.sorted"
    if not os.path.exists(path):
        command = bench.field.command(f"<stream>{WORDS} | {SORT}", text, 0)
        with open(f"{path}.new", "wb") as out:
            subprocess.run(["bash", "-c", command], stdout=out, env=bench.env, check=True)
        os.rename(f"{path}.new", path)
    return path


def find_hadoop(places):
    """Where a real Hadoop is, as its test has it."""
    jars = glob.glob(str(CLUSTER / "lib/hadoop-streaming-*.jar"))
    if not jars:
        print("skipped: Hadoop; to have it: sh tests/cluster/setup.sh")
        return False
    places["real_hadoop"] = shlex.quote(str(CLUSTER / "bin/hadoop"))
    places["streaming_jar"] = shlex.quote(jars[0])
    return True


def find_parallel(bench):
    if shutil.which("parallel", path=bench.env["PATH"]):
        return True
    print("skipped: GNU parallel; to have it: apt-get install parallel")
    return False


def reach(bench, names):
    """All figures that can be measured here, or those of the inputs named."""
    wanted = [*FIGURES, *(FIGURES_WITH_PARALLEL if find_parallel(bench) else ()),
              *(FIGURES_WITH_HADOOP if find_hadoop(bench.field.places) else ())]
    every = [name for name in dict.fromkeys(figure.input for figure in FIGURES)
             if not names or name in names]
    hadoop = os.path.join(os.path.dirname(bench.wc_mr), "hadoop/bin/hadoop")
    bench.field.places["hadoop"] = shlex.quote(hadoop)
    if "prose" in every:
        bench.field.places["sorted_lines"] = shlex.quote(sorted_lines(bench))
    for name in every:
        size = bench.maker.ready(bench.inputs[name]).bytes / 1e6
        figures.RECKONINGS[f"MB/s of {name}"] = lambda costs, size=size: size / costs[0].cpu
    return figures.reach(bench, every, wanted)

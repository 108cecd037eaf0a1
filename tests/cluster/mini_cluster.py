"""A cluster of YARN and HDFS, all of its daemons in one process: one node with data, and two that
run tasks. It forgets all when it ends."""

import json
import os
import re
import shutil
import subprocess
import time

OPEN = "--add-opens java.base/java.lang=ALL-UNNAMED"
LOG = """log4j.rootLogger=INFO,A
log4j.appender.A=org.apache.log4j.ConsoleAppender
log4j.appender.A.target=System.err
log4j.appender.A.layout=org.apache.log4j.SimpleLayout
"""


class MiniCluster:
    """With a directory of its own, which is made, and that of its jars."""

    def __init__(self, place, jars):
        self.place, self.jars = place, jars
        os.makedirs(os.path.join(place, "conf"))
        java = os.path.realpath(shutil.which("java"))
        self.env = {**os.environ, "JAVA_HOME": os.path.dirname(os.path.dirname(java)),
                    "HADOOP_HOME": place}

    def java(self, *words):
        path = f"{self.place}/conf:{self.jars}/*"
        return ["java", "-XX:TieredStopAtLevel=1", *OPEN.split(), "--add-opens",
                "java.base/java.util=ALL-UNNAMED", "-cp", path, *words]

    def __enter__(self):
        self.log = open(os.path.join(self.place, "log"), "wb")
        self.process = subprocess.Popen(
            self.java("org.apache.hadoop.mapreduce.MiniHadoopClusterManager", "-format",
                      "-datanodes", "1", "-nodemanagers", "2", "-writeConfig", "conf.xml",
                      "-writeDetails", "details.json"),
            cwd=self.place, env=self.env, stdout=self.log, stderr=self.log)
        try:
            self.configure(self.await_details())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def await_details(self):
        """The ports, once all daemons are up."""
        path = os.path.join(self.place, "details.json")
        for _ in range(300):
            if self.process.poll() is not None:
                break
            try:
                with open(path, encoding="utf-8") as file:
                    return json.load(file)
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(1)
        raise AssertionError(f"the cluster does not start: {path}")

    def configure(self, details):
        """Mends what the cluster says of itself, and puts it where clients look for it."""
        with open(os.path.join(self.place, "conf.xml"), encoding="utf-8") as file:
            conf = file.read()
        for name, value in (
                ("yarn.resourcemanager.address", f"localhost:{details['resourcemanager_port']}"),
                ("mapreduce.framework.name", "yarn")):
            conf = re.sub(rf"<property>\s*<name>{re.escape(name)}</name>.*?</property>", "", conf,
                          flags=re.S)
            conf = conf.replace("</configuration>", f"<property><name>{name}</name><value>{value}"
                                                    "</value></property></configuration>")
        files = {f"{kind}-site.xml": conf for kind in ("core", "hdfs", "yarn", "mapred")}
        for name, text in {**files, "log4j.properties": LOG}.items():
            with open(os.path.join(self.place, "conf", name), "w", encoding="utf-8") as file:
                file.write(text)

    def run(self, *words):
        got = subprocess.run(self.java(*words), cwd=self.place, env=self.env, timeout=900,
                             capture_output=True)
        if got.returncode != 0:
            raise AssertionError(f"{words}: status {got.returncode}\n"
                                 + got.stderr.decode(errors="replace")[-3000:])
        return got

    def fs(self, *words):
        """hadoop fs: what it prints."""
        return self.run("org.apache.hadoop.fs.FsShell", *words).stdout

    def stream(self, properties, *words):
        """hadoop jar of the streaming jar: what it says, with its counters."""
        jar = next(name for name in os.listdir(self.jars) if name.startswith("hadoop-streaming-"))
        every = {"yarn.application.classpath": f"{self.jars}/*",
                 "mapreduce.application.classpath": f"{self.jars}/*",
                 "yarn.app.mapreduce.am.command-opts": f"-Xmx512m {OPEN}",
                 "mapred.child.java.opts": f"-Xmx300m {OPEN}", "mapreduce.map.memory.mb": 400,
                 "mapreduce.reduce.memory.mb": 400, "yarn.app.mapreduce.am.resource.mb": 600,
                 **properties}
        options = [word for name, value in every.items() for word in ("-D", f"{name}={value}")]
        got = self.run("org.apache.hadoop.util.RunJar", os.path.join(self.jars, jar), *options,
                       *words)
        return got.stdout + got.stderr

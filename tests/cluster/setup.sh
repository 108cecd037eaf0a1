#!/bin/sh
# Puts a Hadoop, alone and as a cluster, and a Spark for tests into build/cluster, each by its
# registry's client, and commands for them into build/cluster/bin. Needs Java, Maven and Python 3; what is there stays.
#
#   sh tests/cluster/setup.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=$(cd "$here/../.." && pwd)/build/cluster
mkdir -p "$place/bin" "$place/conf"

if [ ! -f "$place/lib/ready" ]; then
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$place/lib"
    touch "$place/lib/ready"
fi
if [ ! -f "$place/mini/ready" ]; then
    mvn -q -B -f "$here/mini/pom.xml" dependency:copy-dependencies -DoutputDirectory="$place/mini"
    touch "$place/mini/ready"
fi
if [ ! -f "$place/python/ready" ]; then
    python3 -m venv "$place/python"
    "$place/python/bin/pip" install -q pyspark
    touch "$place/python/ready"
fi

echo '<configuration></configuration>' >"$place/conf/core-site.xml"
printf '%s\n' log4j.rootLogger=ERROR,A log4j.appender.A=org.apache.log4j.ConsoleAppender \
    log4j.appender.A.target=System.err log4j.appender.A.layout=org.apache.log4j.SimpleLayout \
    >"$place/conf/log4j.properties"

cat >"$place/bin/hadoop" <<END
#!/bin/sh
what=\$1
shift
case \$what in
jar)
    jar=\$1
    shift
    set -- org.apache.hadoop.util.RunJar "\$jar" -D mapreduce.framework.name=local "\$@"
    ;;
fs) set -- org.apache.hadoop.fs.FsShell "\$@" ;;
esac
exec java -XX:TieredStopAtLevel=1 --add-opens java.base/java.lang=ALL-UNNAMED \\
    -cp "$place/conf:$place/lib/*" "\$@"
END
cat >"$place/bin/spark-submit" <<END
#!/bin/sh
export PYSPARK_PYTHON=$place/python/bin/python3
exec $place/python/bin/spark-submit --master 'local[2]' --conf spark.ui.enabled=false "\$@"
END
chmod 755 "$place/bin/hadoop" "$place/bin/spark-submit"

"""Every call that the program makes of the system fails, one after the other: it must end with the
right answer or with a clean error, whichever call it was."""

import gzip
import os
import re
import shutil
import subprocess
import unittest

import reference
from faults import CHECKING, DEATHS, PAIRS, PLAIN, SLOW, TROUBLES, Case, Shape

# Calls that a test cannot make fail, or that cannot fail as they are used. The libraries of regular
# expressions and of compressions get their memory by themselves.
HARMLESS = """
    __ctype_b_loc __errno_location dlerror dlsym __isoc99_sscanf __libc_start_main _exit dirfd free getauxval getenv geteuid getopt_long
    getpid getppid getsid kill madvise memchr memcmp memcpy memmove memrchr memset munmap prctl
    pthread_join sem_destroy sem_init sem_post sem_wait qsort qsort_r raise setvbuf setpgid setsid sigaction sigaddset sigemptyset sigfillset
    signal sigprocmask
    sigtimedwait snprintf strcasecmp strcat strchr strcmp strcpy strcspn strerror strlen strncasecmp strnlen strncmp strncpy strrchr
    strsignal strspn strstr strtol strtoull umask vsnprintf
    __sched_cpucount malloc_usable_size memmem strsep
    deflate deflateEnd deflateReset inflateEnd inflateReset
    u32_casefold u8_check u8_mbtoucr u8_uctomb_aux uc_is_general_category_withtable uc_is_property
    uc_combining_class uc_numeric_value uc_tolower qsort _setjmp longjmp
    stpcpy strtoul
    uninorm_filter_create uninorm_filter_flush uninorm_filter_free uninorm_filter_write
    uninorm_nfc uninorm_nfkc
    pcre2_code_free_8 pcre2_compile_8 pcre2_compile_context_create_8
    pcre2_compile_context_free_8 pcre2_get_error_message_8 pcre2_get_ovector_count_8
    pcre2_get_ovector_pointer_8
    pcre2_jit_compile_8 pcre2_jit_stack_assign_8 pcre2_jit_stack_create_8
    pcre2_match_8 pcre2_match_context_create_8 pcre2_match_data_create_from_pattern_8
    pcre2_set_newline_8 pcre2_match_data_free_8 pcre2_match_context_free_8 pcre2_jit_stack_free_8
    BZ2_bzDecompress BZ2_bzDecompressEnd BZ2_bzDecompressInit
    LZ4F_createDecompressionContext LZ4F_decompress LZ4F_freeDecompressionContext LZ4F_getErrorName
    LZ4F_isError LZ4F_resetDecompressionContext
    ZSTD_createDCtx ZSTD_DCtx_reset ZSTD_DCtx_setParameter ZSTD_decompressStream
    ZSTD_dParam_getBounds ZSTD_freeDCtx ZSTD_getFrameContentSize ZSTD_getErrorCode ZSTD_getErrorName ZSTD_isError
    ZSTD_sizeof_DCtx
    lzma_alone_decoder lzma_code lzma_end lzma_file_info_decoder lzma_index_append
    lzma_index_buffer_encode lzma_index_end lzma_index_init lzma_index_iter_init lzma_index_iter_next
    lzma_index_size lzma_memusage lzma_stream_decoder lzma_stream_footer_encode
    lzma_stream_header_encode
    isal_inflate isal_inflate_init
    posix_fadvise posix_fadvise64
    iconv iconv_close
    BZ2_bzlibVersion LZ4_versionString XXH_versionNumber ZSTD_versionString _libunistring_version
    lzma_version_string pcre2_config_8 zlibVersion
    fputc getpgrp isatty log10 open_memstream pow statvfs64 strcasestr tcgetpgrp
    fclose ferror fflush fprintf fputs fread fwrite printf putc puts stderr stdin stdout
    """.split()

# A job in a file, of the same build.
LOADED = os.path.join(os.path.dirname(PLAIN), "tests", "cli", "firsts.so")

WORDS = b"".join(b"%x-%d word\n" % (i * 2654435761 % 7919, i % 700) for i in range(3000))
PAIRED = b"".join(
    b"%x\t%s\n" % (i * 2654435761 % 797, b"value" * (i % 9 * (i % 300 == 0 and 200 or 1)))
    for i in range(3000)
)
QUOTED = b"a,b\n" + b"".join(b'"%d\n",x%d\n' % (i, i % 70) for i in range(3000))
LARGE = b"".join(b"%d-%x\n" % (i, i * 2654435761) for i in range(600000))


class Coverage(unittest.TestCase):
    def test_every_call_of_the_system_is_a_site(self):
        if CHECKING:
            self.skipTest("a checking build makes calls of its own")
        said = subprocess.run(["nm", "-u", PLAIN], capture_output=True, text=True, check=True)
        used = set(re.findall(r"^ +U (\w+)", said.stdout, re.M))
        self.assertIn("fork", used)
        if any(name.endswith("_chk") for name in used):
            self.skipTest("this compiler puts other calls in the place of some")
        with open(os.path.join(os.path.dirname(__file__), "sites.c")) as file:
            wrapped = set(re.findall(r"^(?:WRAPS|FAULTY)\(.*?(\w+),(?: \(|$)", file.read(), re.M))
        self.assertEqual(
            sorted(used - wrapped - set(HARMLESS)), [], "used, but never made to fail"
        )


class Sites(Case):
    def shapes(self):
        small = self.file("small.txt", WORDS)
        pairs = self.file("pairs.txt", PAIRED)
        packed = self.file("small.gz", gzip.compress(WORDS))
        wide = self.file("wide.txt", WORDS.decode().encode("utf-16"))
        long = self.file("long.txt", WORDS + b"x" * 30000 + b"\n" + WORDS)
        several = [self.file(f"in/{i}.csv", b"a,b,%d\nc,\n" % i * 50) for i in range(3)]
        plain = Shape("plain", "-m", 2, "-r", 2, small)
        return {
            "plain": plain,
            "file": Shape("file", "-m", 2, "-r", 2, "--split-size=8K", small, to="file"),
            "new": Shape("new", "-m", 2, "-r", 2, small, to="new"),
            "standard": Shape("standard", "-m", 2, "-r", 2, small, to="standard"),
            "link": Shape("link", "-m", 1, "-r", 1, small, to="link"),
            "directory": Shape("directory", "-m", 2, "-r", 3, *several, to="directory"),
            "replaced": Shape("replaced", "-m", 2, "-r", 3, *several, to="replaced"),
            "gzip": Shape("gzip", "-m", 2, "-r", 2, "--compress", "-i", packed, small, wide),
            "stream": Shape("stream", "-m", 2, "-r", 2, "-n", 50, "-", stdin=WORDS),
            "tree": Shape("tree", "-m", 1, "-r", 1, "-R", self.path("in"), to="directory"),
            "sequence": Shape("sequence", "-m", 2, "-r", 0, "--split-size=8K", long, to="file"),
            "parts": Shape("parts", "-m", 2, "-r", 0, "--split-size=8K", long, to="directory"),
            "sorted": Shape("sorted", "--job=sort", "-m", 2, "--split-size=8K", long, to="file"),
            "ranges": Shape("ranges", "--job=sort", "-m", 2, "--split-size=8K", "-k2", "-s",
                            "--reducers=3", "--compress", long, to="directory"),
            "loaded": Shape("loaded", f"--job={LOADED}", "-m", 2, "-r", 2, "0123456789", small),
            "values": Shape("values", "-m", 2, "-r", 2, "--split-size=8K", "--do=some", pairs,
                            to="file", program=PAIRS),
            "folded": Shape("folded", "-m", 2, "-r", 2, "--compress", "--do=cat", "-", pairs,
                            stdin=PAIRED, program=PAIRS),
            "programs": Shape("programs", "--mapper=tr a-z A-Z", "-m", 2,
                              "--split-size=8K", long),
            "reducing": Shape("reducing", "--mapper=cat", "--reducer=uniq -c", "-m", 2, "-r", 2,
                              "--split-size=8K", long, to="file"),
            "own parts": Shape("own parts", "--mapper=cat", "--reducer=uniq -c", "-m", 2, "-r", 2,
                               "--split-size=8K", long, to="directory"),
            "own file": Shape("own file", "--mapper=cat", "--reducer=uniq -c", "-m", 2, "-r", 1,
                              "--split-size=8K", long, to="file"),
            "quoted": Shape("quoted", "-m", 2, "-r", 2, "--split-size=8K", "--quoted", "--header",
                            "-fb", self.file("quoted.csv", QUOTED), "-", "-d,", stdin=QUOTED[:4000],
                            to="file"),
            "documents": Shape("documents", "-m", 2, "-r", 2, "--documents", "--percent",
                               "--others", "-n5", small, *several, to="file"),
            "apart": Shape("apart", "-m", 2, "-r", 2, "--by-file", small, *several, to="file"),
            "mapper": Shape("mapper", "--as=mapper", "-S16M", stdin=b"a\n" * 5000),
            "reducer": Shape("reducer", "--as=reducer", "--format=jsonl",
                             stdin=b"".join(b"w%05d\t1\n" % i for i in range(5000))),
            "watched": Shape("watched", "-m", 2, "-r", 2, "--split-size=8K", "--trace",
                             self.path("t.json"), "--report", self.path("r.html"), small, to="file"),
            # Without memory files everything is on disk.
            "disk": Shape("disk", "-m", 2, "-r", 2, "--split-size=8K", "--compress", small,
                          always="memfd:1:ever:ENOSYS"),
        }

    def attempt(self, shape, fault):
        """One of many: what is wrong is kept, and the others are tried as well."""
        try:
            self.run_shape(shape, fault)
        except AssertionError as error:
            self.wrong.append(str(error))

    def sweep(self, shape, kind, trouble, most):
        """Lets the first call fail, then the second, and so on until there is none left to fail.
        Where a run makes very many, only some of them, about so many."""
        number, runs = 1 + trouble.startswith("each"), 0
        step = max(1, self.calls[kind] // most)
        when, _, code = trouble.partition(":")
        while True:
            self.attempt(shape, f"{kind}:{number}:{when}:{code}")
            runs += 1
            if number > self.tallies()[kind][0]:
                return runs
            number += self.random.randint(1, 2 * step - 1)

    def every_site(self, shape, draws, most=400):
        self.calls, self.wrong = self.undisturbed(shape), []
        if SLOW:
            runs = sum(
                self.sweep(shape, kind, trouble, most)
                for kind in self.calls
                for trouble in TROUBLES[kind] + DEATHS
            )
            print(f"{shape.name}: {sum(self.calls.values())} sites, {runs} runs", flush=True)
        for _ in range(0 if SLOW else draws):
            # Kinds with many calls more often, but not as often as they have calls.
            weights = [calls**0.5 for calls in self.calls.values()]
            kind = self.random.choices(list(self.calls), weights)[0]
            trouble = self.random.choice(TROUBLES[kind] + DEATHS)
            when, _, code = trouble.partition(":")
            first = 1 + trouble.startswith("each")
            number = self.random.randint(first, max(first, self.calls[kind]))
            self.attempt(shape, f"{kind}:{number}:{when}:{code}")
        if self.wrong:
            self.fail(f"{len(self.wrong)} runs ended wrongly\n" + "\n".join(self.wrong[:20]))

    def test_plain(self):
        shape = self.shapes()["plain"]
        self.every_site(shape, 40)
        self.assertEqual(shape.wanted, reference.output([("", WORDS)]))

    def test_watched(self):
        self.every_site(self.shapes()["watched"], 40)

    def test_programs(self):
        self.every_site(self.shapes()["programs"], 30)
        self.every_site(self.shapes()["reducing"], 30)
        self.every_site(self.shapes()["own parts"], 30)
        self.every_site(self.shapes()["own file"], 20)

    def test_output_file(self):
        self.every_site(self.shapes()["file"], 40)

    def test_new_output_file(self):
        self.every_site(self.shapes()["new"], 40)

    def test_standard_output_that_is_a_file(self):
        self.every_site(self.shapes()["standard"], 40)

    def test_output_file_behind_a_link(self):
        self.every_site(self.shapes()["link"], 40)

    def test_output_directory(self):
        self.every_site(self.shapes()["directory"], 40)

    def test_output_directory_in_the_place_of_another(self):
        self.every_site(self.shapes()["replaced"], 40)

    def test_input_directory(self):
        self.every_site(self.shapes()["tree"], 40)

    def test_gzip_and_compression(self):
        self.every_site(self.shapes()["gzip"], 40)

    def test_stream(self):
        self.every_site(self.shapes()["stream"], 40)

    def test_no_reducer(self):
        self.every_site(self.shapes()["sequence"], 40)
        self.every_site(self.shapes()["parts"], 20)

    def test_job_that_only_sorts(self):
        self.every_site(self.shapes()["sorted"], 40)
        self.every_site(self.shapes()["ranges"], 20)

    def test_roles(self):
        self.every_site(self.shapes()["mapper"], 10)
        self.every_site(self.shapes()["reducer"], 10)

    def test_quotes_and_headers(self):
        self.every_site(self.shapes()["quoted"], 40)

    def test_columns_and_files_apart(self):
        shape = self.shapes()["documents"]
        self.every_site(shape, 30)
        files = [("", WORDS), *((f"{i}.csv", b"a,b,%d\nc,\n" % i * 50) for i in range(3))]
        how = {"documents": True, "percent": True, "others": True, "top": 5}
        self.assertEqual(shape.wanted, reference.output(files, **how))
        self.every_site(self.shapes()["apart"], 20)

    @unittest.skipUnless(shutil.which("zstd"), "needs zstd, to compress by")
    def test_frames_of_zstd(self):
        # Each frame says how much is in it, so that each is a task's; those of a pipe are not.
        halves = WORDS[:30000], WORDS[30000:]
        frames = [subprocess.run(["zstd", "-qc", self.file("half", half)], capture_output=True,
                                 check=True).stdout for half in halves]
        packed = self.file("small.zst", b"".join(frames))
        shape = Shape("zstd", "-m", 2, "-r", 2, "--split-size=8K", packed, "-",
                      stdin=frames[0], to="file")
        self.every_site(shape, 40)
        self.assertEqual(shape.wanted, reference.output([("", WORDS), ("", halves[0])]))

    def test_values_that_are_bytes(self):
        self.every_site(self.shapes()["values"], 30)

    def test_values_that_are_folded(self):
        self.every_site(self.shapes()["folded"], 15)

    def test_on_disk(self):
        self.every_site(self.shapes()["disk"], 40)

    def test_loaded_job(self):
        self.every_site(self.shapes()["loaded"], 40)

    def test_move_to_disk(self):
        large = self.file("large.txt", LARGE)
        shape = Shape("move", "-S", "16M", "-m", 2, "-r", 2, "--split-size=4M", "-n", 100, large)
        self.every_site(shape, 8, most=40)
        run = self.run_shape(shape)
        self.assertGreater(run.calls["truncate"], 0, "nothing was moved to disk")

    def test_stream_of_large_records_on_disk(self):
        record = b"x" * 3000000 + b" end\n" + WORDS
        shape = Shape("record", "-S", "16M", "-m", 2, "-r", 2, "-", stdin=record)
        self.every_site(shape, 8, most=60)


if __name__ == "__main__":
    unittest.main()

package io.adamant.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadFailureTest {

  private static Optional<String> explain(String message, Map<String, String> environment) {
    Throwable error = new RuntimeException("no engine", new UnsatisfiedLinkError(message));
    return LoadFailure.explain(error, environment, "/tmp");
  }

  @Test
  void aFolderWithoutExecIsNamedWithItsSetting() {
    String says = ": failed to map segment from shared object";
    assertThat(explain("/h/.djl.ai/p/libc10.so: /h/.djl.ai/p/libc10.so" + says, Map.of()))
        .contains(
            "no program may be loaded from /h/.djl.ai/p (is it mounted noexec?); set DJL_CACHE_DIR to"
                + " another folder");
    assertThat(explain("/tmp/x.so: /tmp/x.so" + says + ": Operation not permitted", Map.of()))
        .get()
        .asString()
        .startsWith("no program may be loaded from /tmp (is")
        .endsWith("; add -Djava.io.tmpdir=FOLDER to ADAMANT_JAVA_OPTS, with another folder");
    assertThat(explain("/tmp/d/x.so: /tmp/d/x.so" + says, Map.of()))
        .get()
        .asString()
        .endsWith("set DJL_CACHE_DIR to another folder");
    assertThat(explain("/h/JNA/jna1.tmp: /h/JNA/jna1.tmp" + says, Map.of()))
        .get()
        .asString()
        .endsWith("; add -Djna.tmpdir=FOLDER to ADAMANT_JAVA_OPTS, with another folder");
    assertThat(explain("/t/lib/a.so: /t/lib/a.so" + says, Map.of("PYTORCH_LIBRARY_PATH", "/t/lib")))
        .get()
        .asString()
        .endsWith("; set PYTORCH_LIBRARY_PATH to a copy in another folder");
    assertThat(explain("/h/a.so: /h/a.so" + says + ": Cannot allocate memory", Map.of())).isEmpty();
  }

  @Test
  void anOldSystemAndAMissingLibraryAreNamed() {
    assertThat(
            explain(
                "/d/libc10.so: /lib/libm.so.6: version `GLIBC_2.29' not found (required by"
                    + " /d/libc10.so)",
                Map.of()))
        .contains(
            "this system's C library (glibc) is older than GLIBC 2.29, which libc10.so needs; use a"
                + " newer system or container image");
    assertThat(
            explain(
                "/d/a.so: /usr/lib/libstdc++.so.6: version `GLIBCXX_3.4.26' not found (required by"
                    + " /d/a.so)",
                Map.of()))
        .get()
        .asString()
        .startsWith("this system's libstdc++ is older than GLIBCXX 3.4.26, which a.so needs;");
    assertThat(
            explain(
                "/d/a.so: libstdc++.so.6: cannot open shared object file: No such file or directory",
                Map.of()))
        .contains("this system has no libstdc++.so.6, which libtorch needs; install it");
    assertThat(explain("no such method", Map.of())).isEmpty();
  }

  @Test
  void aDownloadWithoutNetworkIsCalledSo() {
    for (IOException cause :
        List.of(
            new UnknownHostException("publish.djl.ai"),
            new ConnectException("Connection refused"),
            new SocketTimeoutException("Connect timed out"))) {
      assertThat(LoadFailure.explain(new IllegalStateException("Failed to download", cause)))
          .get()
          .asString()
          .startsWith("libtorch is not on this machine, and its download failed (" + cause + "); ")
          .contains("PYTORCH_LIBRARY_PATH");
    }
    assertThat(LoadFailure.explain(new IOException("disk full"))).isEmpty();
    IOException away = new UnknownHostException("mlrepo.djl.ai");
    assertThat(LoadFailure.explain(new InputException("djl:wikitext-2 cannot be fetched", away)))
        .as("a data set, and no library")
        .isEmpty();
  }

  @Test
  void aSystemThatLibtorchIsNotMadeForIsNamed() {
    assertThat(LoadFailure.ofSystem("Linux", "amd64", false)).isEmpty();
    assertThat(LoadFailure.ofSystem("Linux", "aarch64", false)).isEmpty();
    assertThat(LoadFailure.ofSystem("Linux", "amd64", true)).get().asString().contains("musl");
    for (String system : new String[] {"Mac OS X/aarch64", "Windows 10/amd64", "Linux/i386"}) {
      String[] words = system.split("/", 2);
      assertThat(LoadFailure.ofSystem(words[0], words[1], false))
          .contains(
              "this is Java for %s %s; Adamant runs on Linux x86_64 and Linux aarch64"
                  .formatted(words[0], words[1]));
    }
  }

  /** A child of the next test. */
  static final class Loads {
    private Loads() {}

    public static void main(String[] args) {
      try {
        System.load(args[0]);
        System.out.println("loaded");
      } catch (UnsatisfiedLinkError e) {
        System.out.println(LoadFailure.explain(e).orElse("unknown: " + e));
      }
    }
  }

  /** What the loader of this system says, on a real mount. */
  @Test
  void aRealMountWithoutExecIsRecognized(@TempDir Path folder) throws Exception {
    Namespace.assumeAllowed();
    Path library = folder.resolve("any.so");
    try (InputStream in =
        LoadFailureTest.class.getResourceAsStream("/com/sun/jna/linux-x86-64/libjnidispatch.so")) {
      Files.copy(in, library);
    }
    Path mounted = Files.createDirectory(folder.resolve("mounted"));

    assertThat(load(folder, "exec", library, mounted)).isEqualTo("loaded");
    assertThat(load(folder, "noexec", library, mounted))
        .startsWith("no program may be loaded from " + mounted + " (is it mounted noexec?); ");
  }

  private static String load(Path folder, String option, Path library, Path mounted)
      throws IOException {
    Process child =
        new ProcessBuilder(
                Namespace.command(
                    "mount -t tmpfs -o \"$1\" tmpfs \"$3\" && cp \"$2\" \"$3/any.so\" && shift 3 && exec \"$@\"",
                    folder,
                    option,
                    library.toString(),
                    mounted.toString(),
                    Path.of(System.getProperty("java.home"), "bin/java").toString(),
                    "--enable-native-access=ALL-UNNAMED", // JDK 24 and later warn without it
                    "-cp",
                    System.getProperty("java.class.path"),
                    Loads.class.getName(),
                    mounted.resolve("any.so").toString()))
            .redirectErrorStream(true)
            .start();
    return new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}

package io.adamant.tensor;

import ai.djl.engine.Engine;
import ai.djl.util.Utils;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.LoadFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Whether libtorch and DJL's native library fit. A misfit may crash the process or return wrong
 * shapes without an error, so the first use of a pair is tried in a JVM of its own. A pair that
 * fits is remembered until one of its files changes; one that does not is tried again each time, so
 * that a repair is seen at once.
 */
public final class EngineFit {

  /** Variables and properties that decide which files DJL takes. */
  private static final List<String> DECIDING =
      List.of(
          "PYTORCH_LIBRARY_PATH",
          "PYTORCH_VERSION",
          "PYTORCH_FLAVOR",
          "PYTORCH_PRECXX11",
          "LD_LIBRARY_PATH",
          "LD_PRELOAD",
          "java.library.path",
          "jna.library.path");

  private static final String FILE = "engine-fit.json";
  private static final int MOST_REMEMBERED = 32;
  private static final Duration INTERVAL = Duration.ofSeconds(30);

  private final Path memory;
  private final String request;
  private final List<String> command;
  private final Duration patience;
  private final LibtorchDownload download;
  private final Duration interval;

  /** How a proof ended. */
  public enum Outcome {
    /** The pair computes right. */
    FITS,
    /** It crashes, hangs or computes wrong. */
    MISFIT,
    /** This system cannot load it; the detail says why and what to do. */
    UNLOADABLE,
    /** No JVM could be started to try it. */
    UNKNOWN
  }

  /**
   * What is known of a pair.
   *
   * @param outcome how the proof ended
   * @param detail what is wrong, in one line; empty if nothing is
   * @param remembered whether it was proven by an earlier process
   * @param files that the pair consists of; empty if the child did not come so far
   */
  public record Proof(Outcome outcome, String detail, boolean remembered, List<Path> files) {
    /** Copies the list. */
    public Proof {
      files = List.copyOf(files);
    }
  }

  /** A file as it was when the pair was proven. */
  private record Seen(
      @JsonProperty("path") String path,
      @JsonProperty("size") long size,
      @JsonProperty("modified") long modified) {

    static Seen of(Path file) throws IOException {
      return new Seen(
          file.toString(), Files.size(file), Files.getLastModifiedTime(file).toMillis());
    }

    boolean stillStands() {
      try {
        return equals(of(Path.of(path)));
      } catch (IOException e) {
        return false;
      }
    }
  }

  /**
   * A proof with everything given, for tests.
   *
   * @param cache folder of the memory
   * @param request what decides the choice of files, in words
   * @param command of the child
   * @param patience how long the child may take
   * @param download that the child may have to begin with
   * @param interval between words about a child that takes long
   */
  EngineFit(
      Path cache,
      String request,
      List<String> command,
      Duration patience,
      LibtorchDownload download,
      Duration interval) {
    this.memory = cache.resolve(FILE);
    this.request = request;
    this.command = List.copyOf(command);
    this.patience = patience;
    this.download = download;
    this.interval = interval;
  }

  /**
   * The proof for what this process would load.
   *
   * @param cache folder where proven pairs are remembered
   * @return not yet run
   */
  public static EngineFit ofThisProcess(Path cache) {
    Map<String, String> request = new TreeMap<>();
    request.put("djl", String.valueOf(Engine.getDjlVersion()));
    request.put("cache", Utils.getEngineCacheDir("pytorch").toString());
    request.put("bundled", String.valueOf(bundled()));
    for (String name : DECIDING) {
      request.put(name, variable(name));
    }
    // Without a libtorch at hand the child downloads one first.
    boolean offline = Boolean.getBoolean("ai.djl.offline");
    return new EngineFit(
        cache,
        request.toString(),
        childCommand(),
        Duration.ofMinutes(offline ? 3 : 20),
        LibtorchDownload.ofThisProcess(bundled() != null, EngineFit::variable),
        INTERVAL);
  }

  private static String variable(String name) {
    String value = System.getenv(name);
    return value == null ? System.getProperty(name, "") : value;
  }

  /** Where the class path's own libtorch comes from, if it has one. */
  private static Object bundled() {
    return EngineFit.class.getResource("/native/lib/pytorch.properties");
  }

  private static List<String> childCommand() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1"); // no heap, no collector: variables may bring others
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.matches(
          "(ai\\.djl|jna|PYTORCH|DJL).*|java\\.library\\.path|java\\.io\\.tmpdir|user\\.home")) {
        command.add("-D" + name + "=" + System.getProperty(name));
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(EngineProof.class.getName());
    return command;
  }

  /**
   * Refuses a pair that does not fit, before this process loads it.
   *
   * @param say takes a line before a pair is tried, and one now and then while that takes long
   * @throws InputException if the pair cannot be loaded, crashes, hangs or computes wrong
   */
  public void require(Consumer<String> say) {
    Proof proof = prove(say);
    if (proof.outcome() == Outcome.UNLOADABLE) {
      throw new InputException("libtorch cannot be loaded: " + proof.detail());
    } else if (proof.outcome() == Outcome.MISFIT) {
      throw new InputException(
          "libtorch and DJL's native library do not fit: "
              + proof.detail()
              + "; ./adamant doctor shows both and what to do");
    }
  }

  /**
   * Proves the pair, or remembers that it was proven.
   *
   * @param say as for {@link #require}
   * @return the outcome
   */
  public Proof prove(Consumer<String> say) {
    Map<String, List<Seen>> known = read();
    List<Seen> before = known.getOrDefault(request, List.of());
    if (!before.isEmpty() && before.stream().allMatch(Seen::stillStands)) {
      return new Proof(
          Outcome.FITS, "", true, before.stream().map(f -> Path.of(f.path())).toList());
    }
    say.accept(
        "trying libtorch with DJL's library once, in a separate process"
            + (download.expected() ? "; libtorch is downloaded first (minutes)" : " (2 to 3 s)"));
    Proof proof = run(say);
    if (proof.outcome() == Outcome.FITS && !proof.files().isEmpty()) {
      remember(known, proof.files());
    }
    // Where nothing can fit, how it fails does not matter.
    return proof.outcome() == Outcome.FITS
        ? proof
        : LoadFailure.ofSystem()
            .map(why -> new Proof(Outcome.UNLOADABLE, why, false, List.of()))
            .orElse(proof);
  }

  private Proof run(Consumer<String> say) {
    Process child;
    try {
      child =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
    } catch (IOException e) {
      return new Proof(Outcome.UNKNOWN, "no JVM can be started to try it: " + e, false, List.of());
    }
    try (InputStream out = child.getInputStream()) {
      // It writes a few lines, which wait in the pipe.
      if (!hasEnded(child, say)) {
        return misfit("no answer within " + patience.toSeconds() + " s", List.of());
      }
      return judge(child.exitValue(), new String(out.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return misfit("its answer cannot be read: " + e, List.of());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Proof(Outcome.UNKNOWN, "interrupted", false, List.of());
    } finally {
      child.destroyForcibly();
    }
  }

  /** Waits as long as there is patience for; false if the child then still runs. */
  private boolean hasEnded(Process child, Consumer<String> say) throws InterruptedException {
    long before = download.bytes();
    Duration waited = Duration.ZERO;
    while (true) {
      Duration left = patience.minus(waited);
      Duration next = left.compareTo(interval) < 0 ? left : interval;
      if (child.waitFor(next.toMillis(), TimeUnit.MILLISECONDS)) {
        return true;
      }
      waited = waited.plus(next);
      if (waited.compareTo(patience) >= 0) {
        return false;
      }
      say.accept(progress(waited, download.bytes() - before));
    }
  }

  private String progress(Duration waited, long more) {
    return more > 0
        ? "downloading libtorch: %s MiB in %s s, to %s"
            .formatted(more >> 20, waited.toSeconds(), download.folder())
        : "libtorch is still being tried after %s s".formatted(waited.toSeconds());
  }

  private static Proof judge(int exit, String said) {
    List<Path> files = new ArrayList<>();
    String verdict = "";
    for (String line : said.lines().toList()) {
      if (line.startsWith(EngineProof.FILE)) {
        files.add(Path.of(line.substring(EngineProof.FILE.length())));
      } else if (line.startsWith(EngineProof.UNLOADABLE)) {
        String why = line.substring(EngineProof.UNLOADABLE.length());
        return new Proof(Outcome.UNLOADABLE, why, false, List.of());
      } else if (line.startsWith(EngineProof.WRONG) || line.equals(EngineProof.FITS)) {
        verdict = line;
      }
    }
    if (verdict.startsWith(EngineProof.WRONG)) {
      return misfit(verdict.substring(EngineProof.WRONG.length()), files);
    }
    return exit == 0 && verdict.equals(EngineProof.FITS)
        ? new Proof(Outcome.FITS, "", false, files)
        : misfit("a process that tried them crashed, " + exit(exit), files);
  }

  /** A shell's way to count: 128 and the number of the signal. */
  private static String exit(int code) {
    return switch (code) {
      case 134 -> "exit code 134 (abort)";
      case 139 -> "exit code 139 (segmentation fault)";
      case 137 -> "exit code 137 (killed: too little memory?)";
      default -> "exit code " + code;
    };
  }

  private static Proof misfit(String detail, List<Path> files) {
    return new Proof(Outcome.MISFIT, detail, false, files);
  }

  private Map<String, List<Seen>> read() {
    try {
      return Json.MAPPER.readValue(
          memory.toFile(), new TypeReference<LinkedHashMap<String, List<Seen>>>() {});
    } catch (IOException e) {
      return new LinkedHashMap<>(); // none yet, or damaged: prove again
    }
  }

  /** Best effort: who cannot write here proves again next time. */
  private void remember(Map<String, List<Seen>> known, List<Path> files) {
    try {
      List<Seen> seen = new ArrayList<>();
      for (Path file : files) {
        seen.add(Seen.of(file));
      }
      known.remove(request);
      known.put(request, seen); // last: the oldest goes first
      while (known.size() > MOST_REMEMBERED) {
        known.remove(known.keySet().iterator().next());
      }
      DurableFiles.write(memory, Json.pretty(known));
    } catch (IOException | UncheckedIOException e) {
      return;
    }
  }
}

package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.adamant.base.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Runs a study in several processes and kills and stops them, choosing by a seeded generator. */
final class Chaos {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int STUDY_PROCESSES = 2;
  private static final double LEASE_SECONDS = 2;
  private static final long AMBUSH_NANOS = 4_000_000_000L;

  /** A kill -9 and what it hit. */
  record Kill(String what, long pid, String run, int epoch, long savedStep, String moment) {
    boolean atWorstMoment() {
      return moment.startsWith("within");
    }
  }

  /** A worker with the run that it has claimed. */
  private record Victim(String worker, long pid, Path work, int epoch) {
    Path attempt() {
      return work.resolve(String.format(Locale.ROOT, "attempt-%04d", epoch));
    }
  }

  private final Path temp;
  private final Path study;
  private final Random random;
  private final List<Kill> kills = new ArrayList<>();
  private int runs = Integer.MAX_VALUE;
  private final List<Process> studies = new ArrayList<>();
  private Path folder;

  Chaos(Path temp, Path study, long seed) {
    this.temp = temp;
    this.study = study;
    this.random = new Random(seed);
  }

  List<Kill> kills() {
    return kills;
  }

  /** Trains the study in peace; run identity to hash of the final weights. */
  Map<String, String> undisturbed(Path results) throws Exception {
    Process process = start(results);
    assertThat(process.waitFor(600, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(temp.resolve("log"))).isZero();
    Map<String, String> hashes = hashes(results.resolve("chaos"));
    runs = hashes.size();
    return hashes;
  }

  /** Trains the study while killing and stopping its processes; returns when it is done. */
  void disturb(Path results, int killCount, int atWorstMoments, int stops) throws Exception {
    folder = results.resolve("chaos");
    int stopsLeft = stops;
    try {
      while (kills.size() < killCount || stopsLeft > 0 || worst() < atWorstMoments) {
        revive(results);
        int choice = random.nextInt(100);
        if (kills.size() == killCount / 2 && none("study process")) {
          killStudyProcess();
        } else if (choice < 10 && stopsLeft > 0 && awaitVictim().isPresent()) {
          stopAndContinue(awaitVictim().get());
          stopsLeft--;
        } else if (choice < 13) {
          killStudyProcess();
        } else if (choice < 35) {
          ambush("within a claim", Chaos::isClaiming);
        } else if (choice < 70) {
          ambush("within a checkpoint write", Chaos::isWritingCheckpoint);
        } else {
          Thread.sleep(random.nextInt(400));
          awaitVictim().ifPresent(victim -> kill(victim));
        }
      }
      revive(results);
      for (Process process : studies) {
        assertThat(process.waitFor(600, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(temp.resolve("log"))).isZero();
      }
    } finally {
      studies.forEach(process -> process.descendants().forEach(ProcessHandle::destroyForcibly));
      studies.forEach(Process::destroyForcibly);
    }
    report();
  }

  private Process start(Path results) throws IOException {
    List<String> words = new ArrayList<>(List.of("study", study.toString(), "--jobs", "2"));
    words.addAll(List.of("--lease", Double.toString(LEASE_SECONDS)));
    words.addAll(List.of("--results", results.toString()));
    ProcessBuilder builder =
        ChildJvm.of(List.of("-Xmx512m"), System.getProperty("java.class.path"), Main.class, words);
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(temp.resolve("log").toFile()))
        .start();
  }

  /** Keeps as many study processes alive as there should be. */
  private void revive(Path results) throws IOException {
    for (Process process : studies) {
      if (!process.isAlive() && process.exitValue() != 137) {
        assertThat(process.exitValue()).as(Files.readString(temp.resolve("log"))).isZero();
      }
    }
    studies.removeIf(process -> !process.isAlive());
    while (studies.size() < STUDY_PROCESSES) {
      studies.add(start(results));
    }
  }

  private long worst() {
    return kills.stream().filter(Kill::atWorstMoment).count();
  }

  private boolean none(String what) {
    return kills.stream().noneMatch(kill -> kill.what().equals(what));
  }

  private void killStudyProcess() throws InterruptedException {
    Process process = studies.get(random.nextInt(studies.size()));
    record("study process", process.pid(), "-", 0, 0, "at random");
    // Dead before we go on: revive would take one that is still dying for one that has to finish.
    process.destroyForcibly().waitFor();
  }

  private void kill(Victim victim) {
    ProcessHandle.of(victim.pid()).ifPresent(ProcessHandle::destroyForcibly);
    autopsy(victim);
  }

  /** Kills a worker as soon as it is seen in a certain state; none if no one gets there soon. */
  private void ambush(String moment, Predicate<Victim> state) {
    long deadline = System.nanoTime() + AMBUSH_NANOS;
    while (System.nanoTime() < deadline) {
      // No work lies there between two runs either, with both studies just started.
      assertThat(list(folder.resolve("runs")).size())
          .as("the study ended before there were enough kills")
          .isLessThan(runs);
      for (Victim victim : victims()) {
        if (state.test(victim)) {
          kill(victim);
          return;
        }
      }
      LockSupport.parkNanos(300_000);
    }
    say("nobody was seen " + moment);
  }

  /** What a dead worker left behind tells where the kill hit it, whatever we had aimed at. */
  private void autopsy(Victim victim) {
    Optional<ProcessHandle> handle = ProcessHandle.of(victim.pid());
    handle.ifPresent(process -> process.onExit().orTimeout(10, TimeUnit.SECONDS).join());
    String moment =
        isWritingCheckpoint(victim)
            ? "within a checkpoint write"
            : isClaiming(victim) ? "within a claim" : "at random";
    String run = victim.work().getFileName().toString();
    record(victim.worker(), victim.pid(), run, victim.epoch(), saved(victim), moment);
  }

  private void record(String what, long pid, String run, int epoch, long saved, String moment) {
    kills.add(new Kill(what, pid, run, epoch, saved, moment));
    say(
        "kill %s: %s (pid %s), run %s, epoch %s, saved step %s, %s"
            .formatted(kills.size(), what, pid, run, epoch, saved, moment));
  }

  private static void say(String line) {
    System.out.println(line);
  }

  /** Stops a worker for longer than a lease, so that its run is taken over, and lets it go on. */
  private void stopAndContinue(Victim victim) throws Exception {
    say(
        "stop: %s (pid %s) in run %s, epoch %s"
            .formatted(victim.worker(), victim.pid(), victim.work().getFileName(), victim.epoch()));
    signal("STOP", victim.pid());
    Thread.sleep((long) (LEASE_SECONDS * 2000));
    signal("CONT", victim.pid());
    say("continued: pid " + victim.pid());
  }

  private static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  private Optional<Victim> awaitVictim() {
    long deadline = System.nanoTime() + AMBUSH_NANOS;
    while (System.nanoTime() < deadline) {
      List<Victim> victims = victims();
      if (!victims.isEmpty()) {
        return Optional.of(victims.get(random.nextInt(victims.size())));
      }
      LockSupport.parkNanos(20_000_000);
    }
    return Optional.empty();
  }

  /** Workers that live and own a run. */
  private List<Victim> victims() {
    List<Victim> victims = new ArrayList<>();
    for (Path work : list(folder.resolve("work"))) {
      int epoch = 0;
      for (Path file : list(work)) {
        String name = file.getFileName().toString();
        if (name.startsWith("claim-")) {
          epoch = Math.max(epoch, Integer.parseInt(name.substring("claim-".length())));
        }
      }
      Path owner = work.resolve(String.format(Locale.ROOT, "owner-%04d.json", epoch));
      JsonNode json = epoch == 0 ? JSON.createObjectNode() : read(owner);
      long pid = json.path("pid").asLong();
      if (pid > 0 && ProcessHandle.of(pid).isPresent()) {
        victims.add(new Victim(json.path("worker").asText(), pid, work, epoch));
      }
    }
    return victims;
  }

  private static boolean isClaiming(Victim victim) {
    JsonNode owner =
        read(victim.work().resolve(String.format(Locale.ROOT, "owner-%04d.json", victim.epoch())));
    return owner.has("from_step") && owner.path("from_step").asLong() < 0;
  }

  private static boolean isWritingCheckpoint(Victim victim) {
    return list(victim.attempt().resolve("checkpoint")).stream()
        .anyMatch(path -> path.getFileName().toString().startsWith(".writing-"));
  }

  private static long saved(Victim victim) {
    return list(victim.attempt().resolve("checkpoint")).stream()
        .map(path -> path.getFileName().toString())
        .filter(name -> name.startsWith("step-"))
        .mapToLong(name -> Long.parseLong(name.substring("step-".length())))
        .max()
        .orElse(0);
  }

  /** Each kill with who went on, from the published runs' own account. */
  private void report() {
    for (int i = 0; i < kills.size(); i++) {
      Kill kill = kills.get(i);
      String survivor = kill.epoch() == 0 ? "workers of the other process" : survivor(kill);
      say(
          "kill %s: %s (pid %s) of run %s at epoch %s after step %s, %s; then: %s"
              .formatted(
                  i + 1,
                  kill.what(),
                  kill.pid(),
                  kill.run(),
                  kill.epoch(),
                  kill.savedStep(),
                  kill.moment(),
                  survivor));
    }
  }

  private String survivor(Kill kill) {
    for (JsonNode entry :
        read(folder.resolve("runs").resolve(kill.run()).resolve("attempts.json"))) {
      if (entry.path("epoch").asInt() > kill.epoch()) {
        return "%s (pid %s), epoch %s, from step %s"
            .formatted(
                entry.path("worker").asText(),
                entry.path("pid").asLong(),
                entry.path("epoch").asInt(),
                entry.path("from_step").asLong());
      }
    }
    return "its result stood already";
  }

  static Map<String, String> hashes(Path study) {
    Map<String, String> hashes = new TreeMap<>();
    for (Path run : list(study.resolve("runs"))) {
      JsonNode summary = read(run.resolve("summary.json"));
      assertThat(summary.path("status").asText()).as(run.toString()).isEqualTo("finished");
      hashes.put(run.getFileName().toString(), summary.path("weights_sha256").asText());
    }
    return hashes;
  }

  /** The metrics of each run are steps 1 to the last, each once. */
  static void assertWholeMetrics(Path study, int steps) throws IOException {
    for (Path run : list(study.resolve("runs"))) {
      List<Integer> found = new ArrayList<>();
      for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
        found.add(JSON.readTree(line).path("step").asInt());
      }
      assertThat(found)
          .as(run.toString())
          .isEqualTo(Stream.iterate(1, i -> i + 1).limit(steps).toList());
    }
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(path -> !path.getFileName().toString().startsWith(".deleted")).toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      return JSON.createObjectNode();
    }
  }
}

package io.adamant.study;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.adamant.base.Host;
import io.adamant.base.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Who trains, or trained, a run: the content of {@code owner-EPOCH.json}.
 *
 * @param worker name of the worker within its study process
 * @param host name of the machine
 * @param machine what tells one start of one machine (and one container on it) from all others;
 *     empty where the system does not say
 * @param pid process there
 * @param birth when that process started, in the machine's own ticks; 0 where unknown
 * @param claimed when the run was claimed, for people
 * @param fromStep steps that an earlier attempt had done and this one began with; -1 until known
 */
record Owner(
    @JsonProperty("worker") String worker,
    @JsonProperty("host") String host,
    @JsonProperty("machine") String machine,
    @JsonProperty("pid") long pid,
    @JsonProperty("birth") long birth,
    @JsonProperty("claimed") String claimed,
    @JsonProperty("from_step") long fromStep) {

  private static final int STATE = 0; // fields of /proc/PID/stat after the name, which is field 2
  private static final int START_TIME = 19;

  /** This process, about to claim a run. */
  static Owner self(String worker) {
    long pid = ProcessHandle.current().pid();
    String[] stat = stat(pid);
    long birth = stat.length > START_TIME ? Long.parseLong(stat[START_TIME]) : 0;
    return new Owner(worker, Host.name(), thisMachine(), pid, birth, Instant.now().toString(), -1);
  }

  Owner startingAt(long step) {
    return new Owner(worker, host, machine, pid, birth, claimed, step);
  }

  String json() {
    return Json.line(this) + "\n";
  }

  /** What a file says; empty while it is missing or half written. */
  static Optional<Owner> read(Path file) {
    try {
      return Optional.of(Json.MAPPER.readValue(Files.readString(file), Owner.class));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether the owner was a process of this machine and is no more. False where nothing is known: a
   * process elsewhere is judged by its heartbeat alone.
   */
  boolean isKnownDead() {
    if (machine.isEmpty() || !machine.equals(thisMachine())) {
      return false;
    }
    String[] stat = stat(pid);
    return stat.length <= START_TIME
        || stat[STATE].equals("Z")
        || Long.parseLong(stat[START_TIME]) != birth;
  }

  /** Such as {@code worker 2 (pid 4711 on node7)}. */
  String words() {
    return words(worker, pid, host);
  }

  static String words(String worker, long pid, String host) {
    return worker + " (pid " + pid + " on " + host + ")";
  }

  private static String thisMachine() {
    try {
      String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      return boot + " " + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      return ""; // not Linux
    }
  }

  private static String[] stat(long pid) {
    try {
      String line = Files.readString(Path.of("/proc/" + pid + "/stat"));
      return line.substring(line.lastIndexOf(')') + 2).strip().split(" ", -1);
    } catch (IOException e) {
      return new String[0];
    }
  }
}

package io.adamant.cli;

import java.lang.management.ManagementFactory;
import java.util.List;

/** The program that a {@link LauncherProject} builds and runs: it tells what it was given. */
public final class LauncherProbe {

  private LauncherProbe() {}

  /**
   * Prints where it runs and its arguments; {@code exit N} ends with N, {@code sleep} waits.
   *
   * @param args the command line
   * @throws InterruptedException never
   */
  public static void main(String[] args) throws InterruptedException {
    System.out.println("in " + System.getProperty("user.dir"));
    System.out.println("args " + List.of(args));
    System.out.println("offline " + System.getProperty("ai.djl.offline"));
    System.out.println("mine " + System.getProperty("mine"));
    System.out.println("home " + System.getProperty("user.home"));
    System.out.println("jvm " + ManagementFactory.getRuntimeMXBean().getInputArguments());
    System.out.println("pid " + ProcessHandle.current().pid());
    List<String> words = List.of(args);
    if (words.contains("sleep")) {
      Thread.sleep(60_000);
    }
    System.exit(words.contains("exit") ? Integer.parseInt(words.get(words.size() - 1)) : 0);
  }
}

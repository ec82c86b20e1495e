package io.adamant.base;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This machine's name. */
public final class Host {

  private Host() {}

  /**
   * The name that the machine gives itself. Where the kernel tells it no network is asked, which
   * takes seconds where the name has no address, and fails.
   *
   * @return a name, {@code unknown} where there is none
   */
  public static String name() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return byNetwork(); // not Linux
    }
  }

  private static String byNetwork() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "unknown";
    }
  }
}

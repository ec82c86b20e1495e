package io.adamant.pack;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Copies a jar without what this platform never loads: other platforms' libraries, source maps. */
final class Slimmer {
  private static final List<String> NATIVE_FOLDERS = List.of("native/lib/", "jnilib/");
  private static final String JNA = "com/sun/jna/";
  private static final String ECHARTS = "META-INF/resources/webjars/echarts/";

  private final String platform; // such as linux-x86_64

  Slimmer(String platform) {
    this.platform = platform;
  }

  /** The platform's name in DJL's jars. */
  static String platform(String system, String architecture) {
    String os = system.startsWith("Mac") ? "osx" : system.startsWith("Windows") ? "win" : "linux";
    return os + "-" + (architecture.equals("amd64") ? "x86_64" : architecture);
  }

  void copy(Path from, Path to) throws IOException {
    try (JarFile jar = new JarFile(from.toFile());
        OutputStream file = Files.newOutputStream(to);
        ZipOutputStream out = new ZipOutputStream(file)) {
      out.setLevel(9);
      Enumeration<JarEntry> entries = jar.entries();
      while (entries.hasMoreElements()) {
        JarEntry entry = entries.nextElement();
        if (needed(entry.getName())) {
          ZipEntry copy = new ZipEntry(entry.getName());
          copy.setTime(entry.getTime());
          out.putNextEntry(copy);
          try (InputStream in = jar.getInputStream(entry)) {
            in.transferTo(out);
          }
          out.closeEntry();
        }
      }
    }
  }

  boolean needed(String entry) {
    if (entry.endsWith("/")) {
      return true;
    }
    for (String folder : NATIVE_FOLDERS) {
      int end = entry.indexOf('/', folder.length());
      if (entry.startsWith(folder) && end > 0) {
        return entry.substring(folder.length(), end).equals(platform);
      }
    }
    if (entry.startsWith(JNA) && entry.matches(".*\\.(so|dll|a|jnilib)")) {
      // JNA writes x86-64, and darwin for macOS.
      String own = platform.replace("osx", "darwin").replace("win-", "win32-").replace('_', '-');
      return entry.startsWith(JNA + own + "/");
    }
    return !entry.startsWith(ECHARTS) || entry.endsWith("/echarts.min.js");
  }
}

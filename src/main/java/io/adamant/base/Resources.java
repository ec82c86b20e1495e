package io.adamant.base;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** Files of the program itself, in its jar or in a folder of classes. */
public final class Resources {

  private Resources() {}

  /**
   * The files of a folder, which has no listing of its own: they are looked for beside one that is
   * there.
   *
   * @param root of the resources, such as {@code io/adamant/torchscript/}
   * @param known a file in the root
   * @param folder below the root, "" or with a slash at its end
   * @param suffix of the files' names
   * @return names below the root, sorted
   */
  public static List<String> list(String root, String known, String folder, String suffix) {
    try {
      URL there = Resources.class.getResource("/" + root + known);
      if (there.openConnection() instanceof JarURLConnection jar) {
        jar.setUseCaches(false); // a shared one could be closed while others read it
        try (JarFile file = jar.getJarFile()) {
          return file.stream()
              .map(JarEntry::getName)
              .filter(name -> name.startsWith(root + folder) && name.endsWith(suffix))
              .map(name -> name.substring(root.length()))
              .sorted()
              .toList();
        }
      }
      try (Stream<Path> files = Files.list(Path.of(there.toURI()).resolveSibling(folder))) {
        return files
            .map(file -> folder + file.getFileName())
            .filter(name -> name.endsWith(suffix))
            .sorted()
            .toList();
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("listing " + root + folder + " of the program failed", e);
    }
  }
}

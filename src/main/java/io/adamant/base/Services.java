package io.adamant.base;

import java.io.File;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/** What others register on the class path, in {@code META-INF/services}. */
public final class Services {

  private Services() {}

  /**
   * New instances of every registered implementation.
   *
   * @param service the interface
   * @param <T> its type
   * @return in the order of the class path
   * @throws InputException if one is registered that cannot be created
   */
  public static <T> List<T> load(Class<T> service) {
    try {
      return ServiceLoader.load(service).stream().map(ServiceLoader.Provider::get).toList();
    } catch (ServiceConfigurationError e) {
      throw new InputException("META-INF/services: " + e.getMessage(), e);
    }
  }

  /**
   * Checks the folders and jars that a user added to the class path: Java itself says nothing about
   * one that is missing.
   *
   * @param variable name of the environment variable, for the message
   * @param classPath its value: entries separated by {@link File#pathSeparator}, a folder's jars as
   *     {@code folder/*}
   * @throws InputException if an entry does not exist
   */
  public static void requireClassPath(String variable, String classPath) {
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      if (!new File(entry.replaceFirst("\\*$", "")).exists() && !entry.isEmpty()) {
        throw new InputException(variable + ": there is no file or folder " + entry);
      }
    }
  }
}

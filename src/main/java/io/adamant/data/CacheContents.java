package io.adamant.data;

import io.adamant.base.DurableFiles;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * What lies in a cache directory, who uses it, and how to remove it. All of it can be made again;
 * files that are not Adamant's are neither listed nor removed.
 */
public final class CacheContents {
  /** A build's processes say every hour that they use it; see the launcher. */
  private static final Duration BUILD_IN_USE = Duration.ofHours(3);

  /** What is being written, if nobody can be asked. */
  private static final Duration WRITING = Duration.ofDays(1);

  private static final int KEY_DIGITS = 32;
  private static final String TOKENS = ".tokens";
  private static final String WORK = "work.";
  private static final String LIBRARIES = "lib-";

  /** Folders, names and what it is. */
  private static final List<List<String>> FACTS =
      List.of(
          List.of("shards", "*.census", "token shards that were checked"),
          List.of("derived", "*.parts", "documents that are held out"),
          List.of("overlaps", "*.json", "documents that repeat"));

  /** What an entry is. */
  public enum Kind {
    /** Tokens of a text. */
    TOKENS,
    /** Tokens of a text that is not tokenized to its end; the next start goes on. */
    UNFINISHED,
    /** What was found out about tokens. */
    FACTS,
    /** SHA-256 of files. */
    HASHES,
    /** Programs that are not part of an installation. */
    LIBRARY,
    /** A build of Adamant, or the libraries of builds. */
    BUILD,
    /** What was measured on this machine. */
    MEASUREMENT
  }

  /**
   * Something that is kept or removed as a whole.
   *
   * @param kind what it is
   * @param about what it is for, for people
   * @param files or folders, with all below them
   * @param bytes of all files
   * @param used when it was last used, as far as that is known
   * @param inUse whether a process uses it now, or may
   */
  public record Entry(
      Kind kind, String about, List<Path> files, long bytes, Instant used, boolean inUse) {
    /** Copies the list. */
    public Entry {
      files = List.copyOf(files);
    }
  }

  private final Path cache;

  /**
   * Looks into a directory; nothing is made there.
   *
   * @param cacheDirectory which need not exist
   */
  public CacheContents(Path cacheDirectory) {
    this.cache = cacheDirectory.toAbsolutePath().normalize();
  }

  /**
   * Lists what there is.
   *
   * @return the entries, by kind, those that were used last first
   * @throws StorageException if the directory cannot be read
   */
  public List<Entry> entries() {
    try {
      List<Entry> entries = new ArrayList<>();
      stores(entries);
      for (List<String> each : FACTS) {
        together(entries, Kind.FACTS, each.get(2), cache.resolve(each.get(0)), each.get(1));
      }
      together(entries, Kind.HASHES, "hashes of files", cache.resolve("hashes"), "*.txt");
      for (Path folder : list(cache.resolve("libraries"), "*")) {
        String name = folder.getFileName().toString();
        add(entries, Kind.LIBRARY, name, List.of(folder), !isUnused(ParquetLibrary.lockKey(name)));
      }
      builds(entries);
      for (Path file : list(cache, "{engine-fit,matmul-peak,micro-batch}.json")) {
        String name = file.getFileName().toString().replace(".json", "");
        add(entries, Kind.MEASUREMENT, name, List.of(file), false);
      }
      entries.sort(
          Comparator.comparing(Entry::kind)
              .thenComparing(Comparator.comparing(Entry::used).reversed()));
      return entries;
    } catch (IOException e) {
      throw new StorageException("read", cache, e);
    }
  }

  private static List<Path> list(Path folder, String pattern) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    Set<Path> found = new TreeSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
      files.forEach(found::add);
    }
    return List.copyOf(found);
  }

  private void stores(List<Entry> entries) throws IOException {
    Path folder = cache.resolve("tokens");
    for (Path file : list(folder, "[0-9a-f]*" + TOKENS)) {
      add(entries, Kind.TOKENS, about(file), List.of(file), !isUnused(key(file)));
    }
    for (Path file : list(folder, ".[0-9a-f]*" + TOKENS + StoreBuilder.PART)) {
      Path journal =
          folder.resolve(
              file.getFileName().toString().replace(StoreBuilder.PART, "") + StoreBuilder.JOURNAL);
      List<Path> both = Files.exists(journal) ? List.of(file, journal) : List.of(file);
      add(entries, Kind.UNFINISHED, "what the next start goes on with", both, !isUnused(key(file)));
    }
    for (Path file : list(folder, "*" + DurableFiles.TEMPORARY)) {
      add(
          entries,
          Kind.UNFINISHED,
          "what nobody goes on with",
          List.of(file),
          isYoung(file, WRITING));
    }
  }

  /** The beginning of the key in a store's name. */
  private static String key(Path file) {
    String name = file.getFileName().toString().replaceFirst("^\\.", "");
    return name.length() < KEY_DIGITS || !name.substring(0, KEY_DIGITS).matches("[0-9a-f]*")
        ? ""
        : name.substring(0, KEY_DIGITS);
  }

  private static String about(Path store) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(StoreHeader.BYTES);
    try (FileChannel channel = FileChannel.open(store)) {
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
    }
    Optional<StoreHeader> header = StoreHeader.read(bytes.flip());
    return header
        .map(
            found ->
                String.format(
                    Locale.ROOT,
                    "%s%s%,d tokens of %,d",
                    found.text(),
                    found.text().isEmpty() ? "" : ", ",
                    found.tokens(),
                    found.vocab()))
        .orElse("damaged or of another version");
  }

  private boolean isUnused(String key) throws IOException {
    return key.isEmpty() || CacheLocks.of(cache).whileUnused(key, () -> {});
  }

  private void together(List<Entry> entries, Kind kind, String about, Path folder, String pattern)
      throws IOException {
    List<Path> files = list(folder, pattern);
    if (!files.isEmpty()) {
      add(entries, kind, about, files, false);
    }
  }

  private void builds(List<Entry> entries) throws IOException {
    Set<String> linked = new TreeSet<>();
    List<Path> folders = list(cache.resolve("builds"), "*");
    for (Path folder : folders) {
      Path link = folder.resolve("lib");
      if (Files.isSymbolicLink(link)) {
        linked.add(Files.readSymbolicLink(link).getFileName().toString());
      }
    }
    for (Path folder : folders) {
      String name = folder.getFileName().toString();
      if (name.startsWith(LIBRARIES)) {
        add(entries, Kind.BUILD, "libraries of builds", List.of(folder), linked.contains(name));
      } else if (name.startsWith(WORK)) {
        add(
            entries,
            Kind.BUILD,
            "a build that did not end",
            List.of(folder),
            isYoung(folder, WRITING));
      } else if (Files.isDirectory(folder)) {
        add(entries, Kind.BUILD, "a build of Adamant", List.of(folder), isBuildInUse(folder));
      }
    }
  }

  private static boolean isYoung(Path file, Duration age) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isAfter(Instant.now().minus(age));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /** By the time of its file, else by the lock that the launcher has, which Java cannot ask for. */
  private static boolean isBuildInUse(Path build) throws IOException {
    return isYoung(build.resolve("used"), BUILD_IN_USE) || !isUnlocked(build, List.of("true"));
  }

  /** Runs a command under the lock of a build; false if somebody has that, or no one can tell. */
  private static boolean isUnlocked(Path build, List<String> command) throws IOException {
    List<String> words =
        new ArrayList<>(List.of("flock", "-n", build.resolve("adamant.jar").toString()));
    words.addAll(command);
    try {
      Process flock =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return flock.waitFor(1, TimeUnit.MINUTES) && flock.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a lock is looked at", e);
    } catch (IOException e) {
      return false; // no such program
    }
  }

  private void add(List<Entry> entries, Kind kind, String about, List<Path> files, boolean inUse)
      throws IOException {
    Measure measure = new Measure();
    for (Path file : files) {
      Files.walkFileTree(file, measure);
    }
    entries.add(new Entry(kind, about, files, measure.bytes, measure.latest, inUse));
  }

  /** Bytes and the latest time of files; those that go meanwhile do not count. */
  private static final class Measure extends SimpleFileVisitor<Path> {
    private long bytes;
    private Instant latest = Instant.EPOCH;

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      bytes += attributes.size();
      Instant time = attributes.lastModifiedTime().toInstant();
      latest = time.isAfter(latest) ? time : latest;
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }
  }

  /**
   * Removes an entry, unless somebody uses it now.
   *
   * @param entry of this directory
   * @return whether it is gone
   * @throws StorageException if it cannot be removed
   */
  public boolean remove(Entry entry) {
    if (entry.inUse()) {
      return false;
    }
    try {
      Path first = entry.files().get(0);
      String name = first.getFileName().toString();
      return switch (entry.kind()) {
        case TOKENS, UNFINISHED -> remove(key(first), entry);
        case LIBRARY -> remove(ParquetLibrary.lockKey(name), entry);
        case BUILD -> removeBuild(entry);
        default -> remove("", entry);
      };
    } catch (IOException e) {
      throw new StorageException("remove", entry.files().get(0), e);
    }
  }

  private boolean remove(String key, Entry entry) throws IOException {
    if (key.isEmpty()) {
      removeFiles(entry);
      return true;
    }
    return CacheLocks.of(cache).whileUnused(key, () -> removeFiles(entry));
  }

  private boolean removeBuild(Entry entry) throws IOException {
    Path build = entry.files().get(0);
    if (Files.exists(build.resolve("adamant.jar"))) {
      Path away = away(build);
      return !isBuildInUse(build)
          && isUnlocked(build, List.of("mv", "-T", build.toString(), away.toString()))
          && isGone(away);
    }
    removeFiles(entry);
    return true;
  }

  private static boolean isGone(Path folder) throws IOException {
    removeTree(folder);
    return true;
  }

  /** What is half removed is no longer what it was. */
  private static Path away(Path folder) {
    return folder.resolveSibling(WORK + UUID.randomUUID());
  }

  private static void removeFiles(Entry entry) throws IOException {
    for (Path file : entry.files()) {
      if (Files.isDirectory(file)) {
        Path away = away(file);
        Files.move(file, away);
        removeTree(away);
      } else {
        Files.deleteIfExists(file);
      }
    }
  }

  private static void removeTree(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path each, IOException e) throws IOException {
            Files.delete(each);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}

package io.adamant.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who builds and who uses which token store of a cache directory: locks on single bytes of its file
 * {@code .lock}, at places that follow from the store's key. A lock ends with its process, however
 * that ends.
 *
 * <p>A process that closes a file loses all locks that it has on it (POSIX), whichever of its
 * channels it closes. So there is one channel a directory, which stays open.
 */
final class CacheLocks {
  private static final Map<Path, CacheLocks> OPEN = new ConcurrentHashMap<>();
  private static final String FILE = ".lock";
  private static final long POLL_MILLIS = 200;

  /** Hexadecimal digits of a key that make a place; two places a key fit into a positive long. */
  private static final int DIGITS = 15;

  private final Optional<FileChannel> channel;

  /** Kept, as Java forgets a lock that nobody has. */
  private final List<FileLock> uses = new ArrayList<>();

  private CacheLocks(Optional<FileChannel> channel) {
    this.channel = channel;
  }

  /**
   * The locks of a directory; none can be had where it cannot be written.
   *
   * @param cacheDirectory made if it is not there
   */
  static CacheLocks of(Path cacheDirectory) {
    Path directory = cacheDirectory.toAbsolutePath().normalize();
    try {
      return OPEN.computeIfAbsent(directory, CacheLocks::open);
    } catch (UncheckedIOException e) {
      return new CacheLocks(Optional.empty());
    }
  }

  private static CacheLocks open(Path directory) {
    try {
      Files.createDirectories(directory);
      Set<StandardOpenOption> options =
          Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      return new CacheLocks(Optional.of(FileChannel.open(directory.resolve(FILE), options)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long place(String key) {
    return 2 * Long.parseLong(key, 0, DIGITS, 16);
  }

  /**
   * Waits until no other process, and no other thread of this, builds a store.
   *
   * @param key the store's
   * @param waits run once if somebody does
   * @return to be closed when it is built; empty where files cannot be locked
   */
  Optional<FileLock> turn(String key, Runnable waits) {
    boolean told = false;
    while (channel.isPresent()) {
      try {
        FileLock lock = channel.get().tryLock(place(key), 1, false);
        if (lock != null) {
          return Optional.of(lock);
        }
      } catch (OverlappingFileLockException e) {
        // A thread of this process builds it.
      } catch (IOException e) {
        return Optional.empty();
      }
      if (!told) {
        waits.run();
        told = true;
      }
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while another process tokenizes", e);
      }
    }
    return Optional.empty();
  }

  /** Says that this process uses a store, as long as it lives. */
  synchronized void use(String key) {
    if (channel.isEmpty()) {
      return;
    }
    try {
      FileLock lock = channel.get().tryLock(place(key) + 1, 1, true);
      if (lock != null) {
        uses.add(lock);
      }
    } catch (OverlappingFileLockException e) {
      return; // it has said so before
    } catch (IOException e) {
      return; // no locks here: a store that is removed while it is read stays readable
    }
  }

  /** Something to do to a store that nobody uses. */
  @FunctionalInterface
  interface Work {
    void run() throws IOException;
  }

  /**
   * Does something while nobody uses or builds a store.
   *
   * @return whether it was done; false too where files cannot be locked
   */
  boolean whileUnused(String key, Work work) throws IOException {
    if (channel.isEmpty()) {
      return false;
    }
    FileLock lock;
    try {
      lock = channel.get().tryLock(place(key), 2, false);
    } catch (OverlappingFileLockException e) {
      return false; // it is this process that uses it
    } catch (IOException e) {
      return false; // nobody knows
    }
    if (lock == null) {
      return false;
    }
    try {
      work.run();
    } finally {
      lock.release();
    }
    return true;
  }
}

package io.adamant.study;

import io.adamant.base.DurableFiles;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files in {@code work/ID/} that decide who trains a run. Every step is one operation that a
 * file server performs as a whole, so they hold on a shared folder (NFS v3 and later included), and
 * none of them is a file lock.
 *
 * <pre>
 * claim-0001        made with O_EXCL: epoch 1 is taken
 * claim-E, free-E → claim-(E+1)   by rename: of many who try, one finds the source there
 * owner-E.json      made with O_EXCL after it: epoch E is taken for good, and by whom
 * beat-E            a counter that the owner raises; it stands still when the owner does
 * free-E            renamed from claim-E: the owner stopped, and said so
 * attempt-E/        where the owner of epoch E trains, and nobody else ever
 * </pre>
 *
 * <p>A request that succeeded and whose answer was lost looks like one that failed: then nobody
 * believes to own the epoch, its counter stands still, and it is taken over like any other. Nobody
 * ever believes to own what another one got. A process that was paused for long may make {@code
 * claim-0001} anew; {@code owner-0001.json} stands in its way.
 */
final class ClaimFiles {

  private static final Pattern STATE = Pattern.compile("(claim|free)-(\\d{4,9})");

  private final Path work;

  /**
   * What the files say.
   *
   * @param epoch the newest one
   * @param held claimed and not released
   * @param beat the owner's counter, empty while there is none
   */
  record State(int epoch, boolean held, String beat) {}

  ClaimFiles(Path work) {
    this.work = work;
  }

  Path work() {
    return work;
  }

  /** A name with the epoch in it, in the digits that {@link #STATE} knows, whatever the locale. */
  static String numbered(String name, int epoch) {
    return String.format(Locale.ROOT, "%s-%04d", name, epoch);
  }

  Path attempt(int epoch) {
    return work.resolve(numbered("attempt", epoch));
  }

  Path owner(int epoch) {
    return work.resolve(numbered("owner", epoch) + ".json");
  }

  private Path claim(int epoch) {
    return work.resolve(numbered("claim", epoch));
  }

  private Path free(int epoch) {
    return work.resolve(numbered("free", epoch));
  }

  private Path beat(int epoch) {
    return work.resolve(numbered("beat", epoch));
  }

  /** The newest claim; empty if nobody ever made one. */
  Optional<State> look() {
    int epoch = 0;
    boolean held = false;
    try (Stream<Path> files = Files.list(work)) {
      for (Path file : files.toList()) {
        Matcher name = STATE.matcher(file.getFileName().toString());
        if (name.matches() && Integer.parseInt(name.group(2)) >= epoch) {
          boolean same = Integer.parseInt(name.group(2)) == epoch;
          held = name.group(1).equals("claim") || (same && held);
          epoch = Integer.parseInt(name.group(2));
        }
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StorageException("list", work, e);
    }
    return epoch == 0 ? Optional.empty() : Optional.of(new State(epoch, held, readBeat(epoch)));
  }

  /** How long ago an owner's counter rose, by the clocks of the server and of this machine. */
  Optional<Duration> silence(int epoch) {
    try {
      Instant risen = Files.getLastModifiedTime(beat(epoch)).toInstant();
      Duration silence = Duration.between(risen, Instant.now());
      return Optional.of(silence.isNegative() ? Duration.ZERO : silence);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private String readBeat(int epoch) {
    try {
      return Files.readString(beat(epoch)).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** Claims a run that nobody ever claimed; true for one of all who try. */
  boolean create() {
    try {
      Files.createDirectories(work);
      Files.createFile(claim(1));
      return true;
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      return false; // another one was faster; or it has ended, and its files go just now
    } catch (IOException e) {
      throw new StorageException("write", claim(1), e);
    }
  }

  /** Takes a released or dead epoch over as the next one; true for one of all who try. */
  boolean takeOver(State state) {
    Path from = state.held() ? claim(state.epoch()) : free(state.epoch());
    try {
      DurableFiles.rename(from, claim(state.epoch() + 1));
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new StorageException("rename", from, e);
    }
  }

  /**
   * Makes an epoch ours for good, after {@link #create} or {@link #takeOver}.
   *
   * @return false if it was another's already, or a newer one has begun
   */
  boolean sign(int epoch, Owner owner) {
    try {
      Files.writeString(owner(epoch), owner.json(), StandardOpenOption.CREATE_NEW);
      beat(epoch, "0");
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new StorageException("write", owner(epoch), e);
    }
    return isCurrent(epoch);
  }

  /** Whether an epoch is claimed and no newer one has begun. */
  boolean isCurrent(int epoch) {
    return look().filter(state -> state.held() && state.epoch() == epoch).isPresent();
  }

  /** Raises the owner's counter; a reader who sees it half written sees it change. */
  void beat(int epoch, String counter) throws IOException {
    try (FileChannel file =
        FileChannel.open(beat(epoch), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      byte[] text = "%-40s%n".formatted(counter).getBytes(StandardCharsets.UTF_8);
      file.write(ByteBuffer.wrap(text));
    }
  }

  /** Gives an epoch back, so that nobody waits for its lease; nothing if it is lost anyway. */
  void release(int epoch) {
    try {
      DurableFiles.rename(claim(epoch), free(epoch));
    } catch (NoSuchFileException e) {
      return; // taken over meanwhile
    } catch (IOException e) {
      throw new StorageException("rename", claim(epoch), e);
    }
  }
}

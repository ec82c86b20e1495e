package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContentHashesTest {
  /** Published SHA-256 of the three bytes "abc". */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir Path folder;
  private Path file;
  private ContentHashes hashes;

  @BeforeEach
  void anOldFile() throws IOException {
    file = Files.writeString(folder.resolve("a.txt"), "abc");
    age();
    hashes = new ContentHashes(folder.resolve("cache"));
  }

  private void age() throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(1))));
  }

  private List<Path> memories() throws IOException {
    Path memory = folder.resolve("cache/hashes");
    if (!Files.exists(memory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(memory)) {
      return files.toList();
    }
  }

  @Test
  void remembersAHash() throws IOException {
    assertThat(hashes.sha256(file)).isEqualTo(ABC);
    assertThat(memories()).hasSize(1);
    String forged = ABC.replace('b', 'c');
    Path memory = memories().get(0);
    Files.writeString(memory, Files.readString(memory).replace(ABC, forged));
    assertThat(hashes.sha256(file)).isEqualTo(forged); // so the file was not read again
  }

  @Test
  void filesOfAFolderShareOneMemory() throws IOException {
    List<Path> files = new ArrayList<>(List.of(file));
    for (int i = 0; i < 50; i++) {
      file = folder.resolve(i % 5 + "/" + i + ".txt");
      Files.createDirectories(file.getParent());
      files.add(Files.writeString(file, i % 2 == 0 ? "abc" : "file " + i));
      age();
    }
    List<String> first = hashes.sha256(files);
    assertThat(first).startsWith(ABC, ABC).hasSize(51);
    assertThat(first.stream().distinct()).hasSize(26);
    assertThat(memories()).hasSize(1);
    assertThat(Files.readAllLines(memories().get(0))).hasSize(51);

    String forged = ABC.replace('b', 'c');
    Path memory = memories().get(0);
    Files.writeString(memory, Files.readString(memory).replace(ABC, forged));
    file = Files.writeString(folder.resolve("new.txt"), "abc");
    age();
    files.add(1, file);
    assertThat(hashes.sha256(files)).startsWith(forged, ABC, forged); // only the new one was read
    files.subList(2, 40).clear(); // and what has gone is forgotten
    file = Files.writeString(folder.resolve("b.txt"), "b");
    age();
    files.add(file);
    hashes.sha256(files);
    assertThat(Files.readAllLines(memory)).hasSize(15);
  }

  @Test
  void noticesAnEdit() throws IOException {
    String before = hashes.sha256(file);
    FileTime time = Files.getLastModifiedTime(file);
    Files.writeString(file, "abd");
    Files.setLastModifiedTime(
        file, time); // same size, same time: only the status change betrays it
    assertThat(hashes.sha256(file)).isNotEqualTo(before);
  }

  @Test
  void ignoresADamagedMemory() throws IOException {
    hashes.sha256(file);
    String stamp = Files.readString(memories().get(0)).lines().findFirst().orElseThrow();
    for (String damaged : List.of("", "x", "\n\n", ABC, stamp, stamp + "\nx\n")) {
      Files.writeString(memories().get(0), damaged);
      assertThat(hashes.sha256(file)).isEqualTo(ABC);
    }
  }

  @Test
  void doesNotRememberAFileStillBeingWritten() throws IOException {
    Files.writeString(file, "abc");
    assertThat(hashes.sha256(file)).isEqualTo(ABC);
    assertThat(memories()).isEmpty();
  }

  @Test
  void worksWithoutAWritableCache() throws IOException {
    Path blocked = Files.writeString(folder.resolve("blocked"), "a file where a folder should be");
    assertThat(new ContentHashes(blocked).sha256(file)).isEqualTo(ABC);
  }

  @Test
  void refusesAMissingFile() {
    assertThatThrownBy(() -> hashes.sha256(folder.resolve("none")))
        .isInstanceOf(InputException.class)
        .hasMessageEndingWith("none: no such file");
  }
}

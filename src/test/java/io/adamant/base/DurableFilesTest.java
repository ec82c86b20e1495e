package io.adamant.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole or not at all, and nothing beside it. */
class DurableFilesTest {

  @TempDir Path folder;

  @Test
  void aFileIsReplacedAsAWholeInFoldersThatItMakes() throws IOException {
    Path file = folder.resolve("a/b/numbers.csv");
    assertThat(DurableFiles.write(file, "1,2\n")).isEqualTo(file);
    DurableFiles.write(file, "größer\n");
    assertThat(file).hasContent("größer\n");
    assertThat(names(file.getParent())).containsExactly("numbers.csv");
  }

  @Test
  void whatCannotBeWrittenLeavesTheOldFileAndNoOther() throws IOException {
    Path file = folder.resolve("taken");
    Files.createDirectories(file.resolve("by-a-folder"));
    assertThatThrownBy(() -> DurableFiles.write(file, "text"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(file.toString());
    assertThat(names(folder)).containsExactly("taken");
    assertThat(file).isDirectory();
  }

  @Test
  void ofTwoWhoRenameOneSucceeds() throws IOException {
    Path from = Files.createFile(folder.resolve("from"));
    DurableFiles.rename(from, folder.resolve("to"));
    assertThatThrownBy(() -> DurableFiles.rename(from, folder.resolve("other")))
        .isInstanceOf(NoSuchFileException.class);
  }

  private static String[] names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toArray(String[]::new);
    }
  }
}

package io.adamant.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The order of a folder's files is that of the bytes of their names, in every locale. */
@EnabledOnOs(OS.LINUX)
class FileOrderTest {

  /** Names in that order; the last two stand the other way around in Java's order of texts. */
  private static final List<String> NAMES = List.of("Z", "a", "ç", "ž", "ш", "日", "！", "😀");

  @TempDir Path folder;

  @Test
  void isTheSameInEveryLocale() throws IOException, InterruptedException {
    for (int i = NAMES.size() - 1; i >= 0; i--) {
      run("C.UTF-8", "sh", "-c", "echo " + i + " > '" + folder + "'/" + NAMES.get(i));
    }

    for (String locale : List.of("C.UTF-8", "C", "POSIX")) {
      assertThat(
              run(
                  locale,
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Reader.class.getName(),
                  folder.toString()))
          .as(locale)
          .isEqualTo("0 1 2 3 4 5 6 7 ");
    }
  }

  private static String run(String locale, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", locale);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out;
  }

  /** Prints the text of a folder. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] args) throws IOException {
      try (PieceSource source = Corpus.of("data.corpus", args[0]).open(Reading.STRICT)) {
        for (var piece = source.next(); piece.isPresent(); piece = source.next()) {
          System.out.print(piece.get().text().replace('\n', ' '));
        }
      }
    }
  }
}

package io.adamant;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever reads "theory.md §5" can open it: each section that is cited exists. */
class SourcesTest {
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (\\d+(?:\\.\\d+)?)\\.? ");
  private static final Pattern CITED =
      Pattern.compile(
          "theory\\.md[\\s*]+(?:§|&sect;|section )?(\\d+(?:\\.\\d+)?)"
              + "((?:(?:,| and)[\\s*]+(?:§|&sect;)\\d+(?:\\.\\d+)?)*)");
  private static final Pattern SECTION = Pattern.compile("(?:§|&sect;)(\\d+(?:\\.\\d+)?)");

  @Test
  void everySectionThatIsCitedExists() throws IOException {
    Set<String> sections = new HashSet<>();
    String page = Files.readString(Path.of("src/site/markdown/theory.md"));
    HEADING.matcher(page).results().forEach(heading -> sections.add(heading.group(1)));
    List<String> missing = new ArrayList<>();
    int cited = 0;
    for (Path file : texts()) {
      for (MatchResult citation : CITED.matcher(Files.readString(file)).results().toList()) {
        List<String> numbers = new ArrayList<>(List.of(citation.group(1)));
        SECTION.matcher(citation.group(2)).results().forEach(s -> numbers.add(s.group(1)));
        cited += numbers.size();
        numbers.removeAll(sections);
        numbers.forEach(number -> missing.add(file + ": theory.md §" + number));
      }
    }
    assertThat(missing).isEmpty();
    assertThat(cited).isGreaterThan(50);
  }

  private static List<Path> texts() throws IOException {
    List<Path> files = new ArrayList<>(List.of(Path.of("README.md")));
    for (String folder : List.of("src", "configs", "results/reproduction")) {
      try (Stream<Path> all = Files.walk(Path.of(folder))) {
        all.filter(file -> file.toString().matches(".*\\.(java|py|md|yaml|html|js)"))
            .forEach(files::add);
      }
    }
    return files;
  }
}

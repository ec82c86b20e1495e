package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.ChildJvm;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.data.CacheContents.Entry;
import io.adamant.data.CacheContents.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CacheCommandTest {
  private static final Instant NOW = Instant.parse("2030-06-01T00:00:00Z");

  @TempDir Path temp;

  private static Entry entry(int days, long bytes, boolean inUse) {
    Instant used = NOW.minus(Duration.ofDays(days));
    return new Entry(Kind.TOKENS, "x", List.of(Path.of("" + days)), bytes, used, inUse);
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', '50 40 10'",
    "20d, '', '50 40'",
    "'', 80B, '50 40'",
    "'', 100B, '50'",
    "'', 1000B, ''",
    "45d, 0B, '50'"
  })
  void choosesTheOldestThatNobodyUses(String age, String most, String chosen) {
    List<Entry> entries =
        List.of(
            entry(10, 30, false), entry(50, 10, false), entry(40, 20, false), entry(60, 50, true));
    Optional<Duration> oldest =
        age.isEmpty() ? Optional.empty() : Optional.of(CacheCommand.age(age));
    Optional<Long> left =
        most.isEmpty() ? Optional.empty() : Optional.of(Long.parseLong(most.replace("B", "")));
    assertThat(CacheCommand.chosen(entries, oldest, left, NOW))
        .extracting(entry -> entry.files().get(0).toString())
        .containsExactlyElementsOf(
            chosen.isEmpty() ? List.of() : Arrays.asList(chosen.split(" ", -1)));
  }

  @ParameterizedTest
  @CsvSource({"10GB, 10000000000", "1.5MiB, 1572864", "2 TB, 2000000000000", "500KB, 500000"})
  void readsSizes(String text, long bytes) {
    assertThat(CacheCommand.bytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"12h, PT12H", "30d, PT720H", "2w, PT336H"})
  void readsAges(String text, Duration age) {
    assertThat(CacheCommand.age(text)).isEqualTo(age);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10", "GB", "-1GB", "1e3GB", "10gb", "10GB extra"})
  void refusesOtherSizes(String text) {
    assertThatThrownBy(() -> CacheCommand.bytes(text))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("--max-size")
        .hasMessageContaining("such as 10GB");
  }

  private String run(int exit, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("cache"));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        ChildJvm.of(Main.class, command.toArray(new String[0])).redirectErrorStream(true);
    builder.environment().put("ADAMANT_CACHE", temp.resolve("cache").toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isEqualTo(exit);
    return said;
  }

  private Path file(String name, int bytes) throws IOException {
    Path file = temp.resolve("cache").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, new byte[bytes]);
  }

  @Test
  void showsFirstAndRemovesWhenAsked() throws Exception {
    Path hashes = file("hashes/1.txt", 70);
    Path part = file("tokens/.0123456789abcdef0123456789abcdef.tokens.part", 3 << 20);
    Files.setLastModifiedTime(part, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    Path own = file("tokens/notes", 5);
    assertThat(run(0, "list"))
        .containsPattern("next start goes on with +unfinished +3.0 MiB +20[0-9-]+ +no\n")
        .containsPattern("hashes of files +hashes +70 bytes ")
        .contains("holds 3.0 MiB");
    assertThat(run(0, "prune", "--max-size", "1MB"))
        .contains("would lose 3.0 MiB; --yes removes it")
        .doesNotContain("hashes of files");
    assertThat(part).exists();
    String json = run(0, "prune", "--max-size", "1MB", "--yes", "--json");
    assertThat(Json.MAPPER.readTree(json).at("/0/what").asText()).isEqualTo("unfinished");
    assertThat(Json.MAPPER.readTree(json)).hasSize(1);
    assertThat(part).doesNotExist();
    assertThat(hashes).exists();
    assertThat(run(0, "prune", "--yes")).contains("lost 70 bytes");
    assertThat(run(0, "list")).contains("holds nothing");
    assertThat(own).exists();
    assertThat(run(2, "list", "--yes")).contains("are for cache prune");
    assertThat(run(2, "empty")).contains("cache empty: allowed: list, prune");
  }
}

package io.adamant.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.adamant.base.InputException;
import io.adamant.simulate.ToyMargins;
import io.adamant.stats.Quartiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The claims that are committed, their margins, and what a claim's file may not say. */
class ClaimFilesTest {
  private static final Path COMMITTED = Path.of("configs/reproduce");
  private static final Path MARGINS = Path.of("results/reproduction/margins.csv");

  @TempDir Path temp;

  private static final ClaimLibrary LIBRARY = ClaimLibrary.read(COMMITTED);

  static Stream<Claim> committed() {
    return LIBRARY.claims().stream();
  }

  @ParameterizedTest
  @MethodSource("committed")
  void everyCheckNamesWhatItsClaimHas(Claim claim) {
    assertThat(claim.published().isEmpty()).isEqualTo(claim.kind() == Claim.Kind.CONTROL);
    claim.experiment().ifPresent(Experiments::require);
    for (TrialDesign design : claim.designs().values()) {
      Set<String> arms =
          design.study().arms().stream().map(arm -> arm.name()).collect(Collectors.toSet());
      for (ClaimCheck check : claim.checks()) {
        assertThat(arms).as(check.name()).containsAll(check.arms());
      }
    }
    if (claim.trains()) {
      assertThat(claim.designs()).containsKeys(Scale.TINY, Scale.SMALL, Scale.PAPER);
    }
  }

  @ParameterizedTest
  @MethodSource("committed")
  void whatACheckComparesDiffersInNothingButTheOptimizerAndItsClipping(Claim claim) {
    for (TrialDesign design : claim.designs().values()) {
      for (ClaimCheck check : claim.checks()) {
        assertThat(
                design.study().arms().stream()
                    .filter(arm -> check.arms().contains(arm.name()))
                    .flatMap(arm -> arm.points().stream())
                    .map(point -> point.config())
                    .map(run -> List.of(run.model(), run.data(), run.schedule(), run.training()))
                    .distinct())
            .as(check.name())
            .hasSize(1);
      }
    }
  }

  /** Twenty memory lengths of the momentum at least; 800 steps where runs are shared. */
  @Test
  void tinyRunsAreLongEnoughForTheirMomentum() {
    committed()
        .filter(Claim::trains)
        .forEach(
            claim ->
                claim
                    .designs()
                    .get(Scale.TINY)
                    .study()
                    .plan()
                    .forEach(
                        run -> {
                          long steps = run.config().training().steps();
                          Object beta =
                              run.config().optimizer().settings().getOrDefault("beta1", 0.0);
                          assertThat(steps * (1 - (Double) beta)).isGreaterThan(19.9);
                          assertThat(steps >= 800 || claim.name().equals("sgd-gap")).isTrue();
                        }));
  }

  /** What a claim cites of a publication is one of its places, or a section. */
  @Test
  void citedPlacesAreListed() {
    ClaimLibrary library = ClaimLibrary.read(COMMITTED);
    for (Publication publication : library.publications()) {
      List<String> places = publication.places().stream().map(Publication.Place::name).toList();
      library.claims().stream()
          .flatMap(claim -> claim.published().stream())
          .map(Published::source)
          .filter(source -> source.startsWith(publication.cited()))
          .flatMap(
              source ->
                  Arrays.stream(source.substring(publication.cited().length()).split("[,;]", -1)))
          .map(String::strip)
          .filter(part -> part.matches("(Fig|Figs|Table|Tables)\\b.*|\\d+.*"))
          .forEach(
              part ->
                  assertThat(places)
                      .as(part)
                      .anyMatch(place -> (part + " ").startsWith(place + " ")));
    }
    assertThat(library.publications()).hasSize(2);
  }

  /** {@code toy} prints the margins that the claim has, in other units. */
  @Test
  void theToysMarginsAreSaidOnce() {
    Quartiles factors = Quartiles.of(new double[] {1});
    Map<String, ToyMargins> pairs =
        Map.of(
            "het_sgd_signum", new ToyMargins("SGDM", "Signum", 1, 1, factors),
            "het_signum_adam", new ToyMargins("Signum", "Adam", 1, 1, factors));
    Map<String, Double> low =
        ClaimLibrary.read(COMMITTED).named("toy").checks().stream()
            .collect(Collectors.toMap(check -> check.input("of"), ClaimCheck::low));
    pairs.forEach(
        (number, pair) ->
            assertThat(low.get(number)).isEqualTo(Math.log10(pair.earlier()), within(5e-4)));
  }

  /** Whatever has runs keeps the margin that it had before the first of them. */
  @Test
  void committedMarginsAreThoseOfTheFiles() throws IOException {
    if (!Files.exists(MARGINS)) {
      return; // nothing has run yet
    }
    Margins margins = Margins.read(MARGINS);
    committed().forEach(margins::check);
    assertThat(Files.readAllLines(MARGINS)).hasSizeGreaterThan(1);
  }

  /** A run that counts for a claim began after its margins were noted. */
  @Test
  void committedMarginsPrecedeTheirRuns() throws IOException {
    Margins margins = Margins.read(MARGINS);
    Map<String, Claim> claims = committed().collect(Collectors.toMap(Claim::name, c -> c));
    int checked = 0;
    for (RunRow row : RunTable.read(MARGINS.resolveSibling("runs.csv")).rows()) {
      for (String name : row.text("claims").split(" ", -1)) {
        Instant noted = Instant.parse(margins.since(claims.get(name)).orElseThrow());
        assertThat(Instant.parse(row.text("started"))).as(name + " " + row).isAfter(noted);
        checked++;
      }
    }
    assertThat(checked).isGreaterThan(500);
  }

  /**
   * The file that was committed last before a claim's first run has its margins: the history says
   * so, not only the table. Claims before 2026-11-29 were read by another form of these files.
   */
  @Test
  void committedMarginsAreOlderThanTheirFirstRun() throws Exception {
    Process git =
        new ProcessBuilder("git", "rev-parse", "--is-shallow-repository")
            .redirectErrorStream(true)
            .start();
    String shallow = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assumeTrue(git.waitFor() == 0 && shallow.startsWith("false"), "no whole history: " + shallow);
    Margins margins = Margins.read(MARGINS);
    Map<String, List<Claim>> claims = new HashMap<>(); // by commit
    for (Claim claim : committed().toList()) {
      String since = margins.since(claim).orElse("");
      if (since.compareTo("2026-11-29") >= 0) {
        String commit = git("rev-list", "-1", "--before=" + since, "HEAD");
        claims.computeIfAbsent(commit, any -> new ArrayList<>()).add(claim);
      }
    }
    assertThat(claims).isNotEmpty();
    for (String commit : claims.keySet()) {
      Path zip = temp.resolve(commit + ".zip");
      git("archive", "--format=zip", "-o", zip.toString(), commit, COMMITTED.toString());
      try (FileSystem files = FileSystems.newFileSystem(zip)) {
        Path then = files.getPath(COMMITTED.toString());
        ClaimReader reader = new ClaimReader(then, ScaleFile.all(then));
        for (Claim claim : claims.get(commit)) {
          assertThat(reader.read(claim.name()).margin())
              .as(claim.name() + " at " + commit)
              .isEqualTo(claim.margin());
        }
      }
    }
  }

  private static String git(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  /** Each number of a claim that counts says why its margin is what it is, or the claim does. */
  @ParameterizedTest
  @MethodSource("committed")
  void everyMarginHasAReason(Claim claim) {
    for (ClaimCheck check : claim.checks()) {
      assertThat(check.why() + claim.reasons()).as(check.name()).isNotEmpty();
    }
  }

  @Test
  void wordsRulesAndMarginsMakeTheHashAndNothingElseDoes() {
    Claims claims = new Claims(temp).withOrder();
    String before = claims.read().named("order").margin();
    String text = read("order.yaml");
    for (String change :
        List.of(
            "at_least: 0}->at_least: 0.01}",
            "Signum ends above->Signum mostly ends above",
            "of: signum->of: adamw",
            "val_loss->train_loss")) {
      String[] parts = change.split("->", -1);
      claims.write("order.yaml", text.replace(parts[0], parts[1]));
      assertThat(claims.read().named("order").margin()).as(change).isNotEqualTo(before);
    }
    claims.write("order.yaml", text.replace("[1.0e-3, 2.0e-3", "[2.0e-3") + "discussion: words\n");
    assertThat(claims.read().named("order").margin()).isEqualTo(before);
  }

  @Test
  void renamingArmsAndChecksKeepsTheHash() {
    Claims claims = new Claims(temp).withOrder();
    String before = claims.read().named("order").margin();
    String text = read("order.yaml").replace("signum:", "sign:").replace("of: signum", "of: sign");
    claims.write("order.yaml", text);
    assertThat(claims.read().named("order").margin()).isNotEqualTo(before);
    claims.write("order.yaml", text + "renamed: {sign: signum}\n");
    Claim renamed = claims.read().named("order");
    assertThat(renamed.margin()).isEqualTo(before);
    assertThat(renamed.checks().get(0).input("of")).isEqualTo("sign");
    claims.write("order.yaml", text + "renamed: {sign: adamw}\n"); // would turn a check round
    assertThatThrownBy(claims::read)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("renamed.sign is adamw; allowed: the old name, used no more");
  }

  @Test
  void aMarginThatChangedAfterTheFirstRunIsRefused() {
    Claims claims = new Claims(temp.resolve("claims")).withOrder();
    Path home = temp.resolve("home");
    ClaimLibrary library = claims.read();
    new Reproduction(library, Scale.TINY, home).begin(library.claims());
    claims.write(
        "order.yaml",
        readFrom(temp.resolve("claims"), "order.yaml").replace("at_least: 0}", "at_least: -1}"));
    ClaimLibrary changed = claims.read();
    Reproduction later = new Reproduction(changed, Scale.TINY, home);
    assertThatThrownBy(() -> later.begin(changed.claims()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("claim order: its words, rules or margins were changed after");
    assertThatThrownBy(() -> later.status(changed.named("order")))
        .isInstanceOf(InputException.class);
    new Reproduction(library, Scale.TINY, home).begin(library.claims()); // restored
  }

  private String read(String file) {
    return readFrom(temp, file);
  }

  private static String readFrom(Path folder, String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "at_least: 0}|at_least: x}|order.yaml: checks.Signum above AdamW.at_least is x; allowed: a finite number",
        "at_least: 0}|at_most: 0, at_least: 1}|allowed: at_least, at_most or both",
        ", at_least: 0}|}|allowed: at_least, at_most or both",
        "rule: difference|rule: guess|rule is guess; allowed: value, difference",
        "minus: adamw|minos: adamw|unknown key checks.Signum above AdamW.minos; allowed: rule, at_least",
        "tune: arms|tune: all|tune is all; allowed: arms, cells, equal, fixed",
        "title: The order|kind: mine|kind is mine; allowed: published, reading, control",
        "title: The order|titel: x|unknown key titel; allowed: title",
        "claim: Signum ends above AdamW.|claim:|claim is not given; allowed: a text",
        "type: adamw|type: [adamw]|order.yaml: tiny",
        "small: tiny|small: 3|small is 3; allowed: arms and their grids",
        "tune: arms|tune: arms: x|not readable as YAML",
        "small: tiny|runs_of: nobody|nobody.yaml: no such file",
        "tune: arms|tune: equal|arm adamw: the values of beta2 at beta1 = 0.9 must hold the equal one and another",
        "title: The order|like: nobody|nobody.yaml: no such file",
        "title: The order|like: order|like is order; allowed: a claim that says all of its own"
      })
  void badFilesAreOneLineWithFileKeyAndWhatIsAllowed(String from, String to, String part) {
    Claims claims = new Claims(temp).withOrder();
    String text = read("order.yaml");
    assertThat(text).contains(from);
    claims.write("order.yaml", text.replace(from, to));
    assertThatThrownBy(claims::read)
        .isInstanceOf(InputException.class)
        .hasMessageContaining(part)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  /** It says what differs; a scale's base replaces the other's. */
  @Test
  void aClaimThatIsLikeAnotherTakesItsChecksAndArms() {
    Claims claims = new Claims(temp).withOrder();
    claims.write(
        "order.yaml",
        read("order.yaml").replace("  arms:", "  base: {training: {batch: 8}}\n  arms:")
            + "discussion: of this one only\n");
    claims.write(
        "longer.yaml",
        """
        like: order
        title: The order after more steps
        claim: Signum still ends above AdamW.
        tiny: {base: {training: {steps: 20}}}
        small: tiny
        """);
    Claim order = claims.read().named("order");
    Claim longer = claims.read().named("longer");
    assertThat(longer.checks()).isEqualTo(order.checks());
    assertThat(order.discussion()).isNotEmpty();
    assertThat(longer.discussion()).isEmpty();
    assertThat(longer.published()).isEqualTo(order.published());
    assertThat(longer.margin()).isNotEqualTo(order.margin()); // other words
    assertThat(longer.designs().keySet()).isEqualTo(order.designs().keySet());
    for (Scale scale : order.designs().keySet()) {
      assertThat(longer.designs().get(scale).study().arms()).hasSize(2);
      assertThat(longer.designs().get(scale).study().base().training().steps()).isEqualTo(20);
      assertThat(longer.designs().get(scale).study().base().training().batch())
          .isNotEqualTo(order.designs().get(scale).study().base().training().batch());
    }
  }

  /** A match is theory's: a verdict that rests on it would be about the theory. */
  @Test
  void aClaimHasRatesOfItsOwn() {
    Claims claims = new Claims(temp).withOrder();
    String grid = "      grid: {optimizer.lr: [1.0e-3, 2.0e-3, 4.0e-3]}\n";
    String text = read("order.yaml");
    int last = text.lastIndexOf(grid);
    claims.write(
        "order.yaml",
        (text.substring(0, last) + text.substring(last + grid.length()))
            .replace("type: signum,", "type: signum, lr: match(adamw),"));
    assertThatThrownBy(claims::read)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("order.yaml: tiny")
        .hasMessageContaining(
            "optimizer.lr of arm signum is match(adamw); allowed: a number, since verdicts")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void aClaimStopsNoRunEarly() {
    Claims claims = new Claims(temp).withOrder();
    String text = read("order.yaml");
    String grid = "      grid: {optimizer.lr: [1.0e-3, 2.0e-3, 4.0e-3]}\n";
    assertThat(text).contains(grid);
    int last = text.lastIndexOf("  arms:");
    claims.write(
        "order.yaml", text.substring(0, last) + "  stop: {first: 2}\n" + text.substring(last));
    assertThatThrownBy(claims::read)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("stop is a mapping; allowed: none, since verdicts follow")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void seedsOfGridsAndComparisonsDiffer() {
    Claims claims = new Claims(temp).withOrder();
    claims.write("scales/tiny.yaml", read("scales/tiny.yaml").replace("grid: 1", "grid: 11"));
    assertThatThrownBy(claims::read)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("seeds.fresh is [11, 12, 13]; allowed: seeds that are used for");
  }
}

package io.adamant.reproduce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page from runs that are only listed. */
class PageTest {
  @TempDir Path temp;
  private Path home;
  private ClaimLibrary library;

  @BeforeEach
  void begin() {
    home = temp.resolve("reproduction");
    library = new Claims(temp.resolve("claims")).withOrder().withSlope().read();
  }

  private void run(String claim, double gap) {
    RunTable table = RunTable.read(home.resolve("runs.csv"));
    Claims.completed(
        library.named(claim).designs().get(Scale.TINY),
        table,
        wanted -> {
          double x = BestRate.log2(wanted.config().optimizer().lr() / 2e-3);
          double noise = 0.001 * (wanted.config().training().seed() % 3) * (gap > 0 ? 1 : -1);
          return 4 + 0.1 * x * x + (wanted.arm().equals("signum") ? gap + noise : 0);
        });
  }

  private String readme(Optional<Path> published) {
    new Reproduction(library, Scale.TINY, home).write(published);
    try {
      return Files.readString(home.resolve("README.md"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What README says of the page in results/ is what the page says. */
  @Test
  void theReadmeQuotesThePage() throws IOException {
    String page = Files.readString(Path.of("results/reproduction/README.md"));
    String counts =
        Arrays.stream(page.split("\n\n", -1))
            .filter(paragraph -> paragraph.contains(" rows of published claims: "))
            .map(paragraph -> paragraph.replace('\n', ' '))
            .findFirst()
            .orElseThrow();
    String readme = Files.readString(Path.of("README.md")).replaceAll("\\s+", " ");
    int quoted = readme.indexOf("results/reproduction/README.md), ");
    int runs = Files.readAllLines(Path.of("results/reproduction/runs.csv")).size() - 1;
    assertThat(counts).endsWith(".");
    assertThat(readme.substring(quoted, quoted + 500)) // else a failure prints all of it
        .startsWith("results/reproduction/README.md), " + runs + " runs")
        .contains(counts);
  }

  @Test
  void aRowAClaimWithItsVerdictInACellOfItsOwn() throws IOException {
    run("order", 0.06);
    String page = readme(Optional.empty());
    assertThat(page.lines())
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith(
                        "| [The order](#order) | **reproduced, direction only**; p < 0.0001, ")
                    .contains("Holm < 0.0001 | the gap: .061 |")
                    .contains("Signum above AdamW: 0.0610 ± 0.0025")
                    .contains("| wordnet, tiny | `./adamant reproduce order` |")
                    .contains("24 runs, 4 min"))
        .anySatisfy(line -> assertThat(line).startsWith("| [The slope](#slope) | **3 runs done"));
    assertThat(page)
        .contains("2 rows of published claims: 1 reproduced, 1 not run.")
        .contains("| claims that hold here | • [The order](#order) |")
        .contains("| claims that are not run to their end | • [The slope](#slope) |")
        .contains("Best rates: adamw 0.002, signum 0.002.")
        .contains("Tuned in the rate alone: adamw, signum.")
        .contains("![The order: loss against rate, here](order-rates.png)");
    assertThat(page.replace('\n', ' '))
        .contains(
            "1 row from 1 independent set of runs or simulations. In all, 24 runs took 4 min of one thread.");
    assertThat(home.resolve("order-rates.png")).isNotEmptyFile();
    assertThat(Files.readAllLines(home.resolve("figures.csv")))
        .startsWith("figure,line,meaning,x,y,low,high")
        .contains("order-rates,adamw,measured,0.5,4.1,4.1,4.1"); // over the arm's best rate
    String html = Files.readString(home.resolve("report.html"));
    assertThat(html)
        .contains(
            "<td class=\"s\">reproduced, direction only</td>",
            "<td class=\"n\">0.0610 ± 0.0025</td>",
            "\"order-rates\"");
  }

  @Test
  void whatWasNotReproducedIsSaidWithItsNumbers() {
    run("order", -0.06);
    String page = readme(Optional.empty());
    String open = page.substring(page.indexOf("## What was not reproduced, and why"));
    assertThat(page).contains("| **contradicted**; p ");
    assertThat(open.replace('\n', ' '))
        .contains(
            "**The order.** Contradicted. Signum above AdamW: −0.0610 ± 0.0025, margin at least 0.");
  }

  /** Nobody's claim is not counted as somebody's, and what was not run is not judged. */
  @Test
  void readingsAreCountedApartAndUndecidedPairsAreNotJudged() throws IOException {
    Path claims = temp.resolve("claims");
    String order = Files.readString(claims.resolve("order.yaml"));
    String pair = "{rule: difference, quantity: val_loss, of: adamw, minus: signum, at_least: 0";
    Files.writeString(
        claims.resolve("order.yaml"),
        order.replace("checks:\n", "checks:\n  back: " + pair + ", undecided: not both ran}\n")
            + "margins: direction only\ncalculated: [{what: ours, value: 7, source: a run}]\n");
    Files.writeString(claims.resolve("reading.yaml"), "kind: reading\n" + order);
    Files.writeString(
        claims.resolve("wide.yaml"),
        "kind: reading\n"
            + order.replace("title: The order", "title: Not far").replace("least: 0", "least: -1"));
    library = ClaimLibrary.read(claims);
    run("order", -0.06);
    String page = readme(Optional.empty());
    assertThat(page.replace('\n', ' '))
        .contains(
            "2 rows of published claims: 1 not decided, 1 not run. 2 rows of tempting readings")
        .contains("nobody published: 1 reproduced, 1 refuted.")
        .contains("| claims that these runs cannot decide | • [The order](#order) |")
        .contains("| readings that hold here | • [Not far](#wide) |")
        .contains("| readings that do not hold here | • [The order](#reading) |")
        .doesNotContain("claims that hold here")
        .contains("so not independent of one another: order, reading, wide (24 runs).")
        .contains(
            "**not decided: not both ran (0 of 2 pairs hold, 1 contradicted, 1 not decided)**")
        .contains("| not decided: not both ran |")
        .contains("Margins: direction only")
        .contains("| not published: calculated for Adamant | value | source |")
        .contains("**Refuted.**");
    assertThat(page.lines().filter(line -> line.startsWith("| [The order](#order)")))
        .noneMatch(line -> line.contains("7")); // the table of verdicts has published numbers only
  }

  @Test
  void theSlopeOfEqualRatesContradictsProportionality() {
    run("slope", 0.06);
    assertThat(readme(Optional.empty()))
        .contains("| [The slope](#slope) | **contradicted**; p < 0.0001, Holm < 0.0001 |")
        .contains("slope-best.png");
  }

  /** Where no grid grows in momentum, one on an edge is said to be there. */
  @Test
  void aMomentumOnTheEdgeOfItsGridIsNamed() throws IOException {
    Path claims = temp.resolve("claims");
    String slope = Files.readString(claims.resolve("slope.yaml"));
    Files.writeString(claims.resolve("slope.yaml"), slope.replace("tune: cells", "tune: arms"));
    for (double best : new double[] {0.8, 0.9}) {
      home = temp.resolve("best" + best);
      library = ClaimLibrary.read(claims);
      Claims.completed(
          library.named("slope").designs().get(Scale.TINY),
          RunTable.read(home.resolve("runs.csv")),
          run -> {
            double beta1 = (Double) run.config().optimizer().settings().get("beta1");
            return 4 + Math.abs(beta1 - best) + Math.abs(run.config().optimizer().lr() - 2e-3);
          });
      Claim claim = library.named("slope");
      Trial trial =
          Trial.of(claim.designs().get(Scale.TINY), RunTable.read(home.resolve("runs.csv")));
      ClaimStatus status =
          new ClaimStatus(
              claim,
              Scale.TINY,
              Optional.empty(),
              Verdict.of(Map.of()),
              Optional.of(trial),
              Optional.empty());
      new Page(library, List.of(status), Optional.empty(), Optional.empty()).write(home);
      String page = Files.readString(home.resolve("README.md"));
      String note = "Momentum on an edge of what was tried, where another may be better: signum";
      assertThat(page.contains(note + " beta1=0.8.")).isEqualTo(best == 0.8);
      assertThat(page.contains("Momentum on an edge")).isEqualTo(best == 0.8);
    }
  }

  @Test
  void theAuthorsRunsAreDrawnBesideOurs() throws IOException {
    run("order", 0.06);
    run("slope", 0.06);
    Path csv = temp.resolve("authors.csv");
    Files.writeString(
        csv,
        """
        file,dataset,seq_len,method,lr,beta1,beta2,val_loss
        Adam_160M_SP_SL2048_3Btok_BS256,SlimPajama,2048,Adam,0.004,0.95,0.95,3.10
        Adam_160M_SP_SL2048_3Btok_BS256,SlimPajama,2048,Adam,0.008,0.95,0.95,3.08
        Adam_160M_SP_SL2048_3Btok_BS256,SlimPajama,2048,Adam,0.008,0.95,0.9,3.05
        Signum_160M_SP_SL2048_2Btok_BS256,SlimPajama,2048,Signum,0.001,0.9,,3.15
        Signum_160M_SP_SL2048_2Btok_BS256,SlimPajama,2048,Signum,0.0005,0.95,,3.16
        Signum_160M_SP_SL2048_2Btok_BS256,SlimPajama,2048,Signum,0.002,0.95,,10.9
        """);
    assertThat(readme(Optional.of(csv)))
        .contains("![The order: loss against rate, the authors' runs](order-authors.png)")
        .contains("slope-authors.png");
    assertThat(home.resolve("order-authors.png")).isNotEmptyFile();
    PublishedTable runs = PublishedTable.read(csv);
    assertThat(runs.methods().get(0).ys()).containsExactly(3.1, 3.05); // best of all betas
    assertThat(runs.momenta("adamw").get(0).ys()).containsExactly(3.10, 3.08); // equal ones
    assertThat(runs.bestRates("signum", 0).xs()).hasSize(2);
    assertThat(runs.bestRates("signum", 0).ys()).containsExactly(5e-4, 1e-3); // not the blown-up
    Files.writeString(csv, "a,b\n");
    assertThatThrownBy(() -> PublishedTable.read(csv))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("authors.csv:1: not a table of published numbers");
  }

  /** Anybody's table: settings are found among the runs, what it leaves open is the best. */
  @Test
  void publishedNumbersStandBesideTheRunsOfTheirSettings() throws IOException {
    run("order", 0.06);
    run("slope", 0.06);
    Path csv = temp.resolve("mine.csv");
    Files.writeString(
        csv,
        """
        setting,value,interval,quantity
        adamw,54.6,1.2,perplexity
        "signum lr=2e-3", 58.0 ,,perplexity
        signum lr=0.004,4.2,.03,
        lion,4.3,,val_loss
        adamw lr=0.002,.23,,update_rms
        """);
    String page = readme(Optional.of(csv));
    assertThat(page.lines())
        .contains(
            "## Against mine.csv",
            "| adamw | perplexity | 54.6 ± 1.2 | 54.6 | 4 | 0 | 0 |",
            "| adamw lr=0.002 | update rms | .23 |  | 4 |  |  |")
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("| signum lr=2e-3 | perplexity | 58.0 | 58.03")
                    .contains(" | 4 | 0.0604 | 0.06")) // ln(58/54.6)
        .anySatisfy(
            line ->
                assertThat(line)
                    .startsWith("| signum lr=0.004 | val loss | 4.2 ± .03 | 4.16")
                    .contains(" | 0.2 | 0.16"))
        .contains("| lion | val loss | 4.3 |  | 0 | 0.3 |  |");
    assertThat(page.replace('\n', ' '))
        .contains("Run here: 4 of its 5 settings.")
        .contains("over 3 settings: 1, too few for an interval.");
    assertThat(home.resolve("order-authors.png")).isNotEmptyFile();
    for (String bad :
        List.of("signum lr,4,,", "signum, four,,", "signum,4,,taste", "signum rate=1,4,,")) {
      Files.writeString(csv, "setting,value,interval,quantity\nadamw,1,,\n" + bad + "\n");
      assertThatThrownBy(() -> PublishedTable.read(csv))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("mine.csv:3: ");
    }
    Files.writeString(csv, "setting,value\n\"adamw,1\n");
    assertThatThrownBy(() -> PublishedTable.read(csv))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("mine.csv cannot be read as CSV: ");
  }

  @Test
  void aSimulationIsKeptAndItsNumbersAreUsedAgain() throws IOException {
    Claims claims = new Claims(temp.resolve("claims"));
    claims.write(
        "signal.yaml",
        """
        title: Filters
        claim: Adam is bounded.
        published: [{what: bound, value: 1, source: the paper}]
        checks:
          largest: {rule: simulated, of: largest, at_most: 1}
        experiment: signal
        """);
    library = claims.read();
    Claim claim = library.named("signal");
    Reproduction reproduction = new Reproduction(library, Scale.TINY, home);
    List<String> said = new ArrayList<>();
    reproduction.simulate(claim, () -> said.add("simulating"), units -> {});
    Path kept = home.resolve("simulated").resolve("signal.json");
    assertThat(readme(Optional.empty()))
        .contains(
            "| [Filters](#signal) | **reproduced, a bound only**; p < 0.0001, Holm < 0.0001 |")
        .contains("no text, simulated")
        .contains("![Adam with equal betas on a damped sine](signal-adam.png)");
    String before = Files.readString(kept);
    reproduction.simulate(claim, () -> said.add("again"), units -> {});
    assertThat(said).containsExactly("simulating");
    assertThat(Files.readString(kept)).isEqualTo(before);
    Files.writeString(kept, before.replaceFirst("(\"largest\":\\{\"value\":)[0-9.]+", "$11.5"));
    assertThat(readme(Optional.empty()))
        .contains("| [Filters](#signal) | **contradicted**; p < 0.0001");
  }

  @Test
  void listSaysHowEachClaimStands() {
    run("order", 0.06);
    List<List<String>> list = new Reproduction(library, Scale.TINY, home).list();
    assertThat(list).contains(List.of("order", "training", "reproduced", "The order"));
    assertThat(new Reproduction(library, Scale.PAPER, home).list().get(0).get(2))
        .isEqualTo("no runs at this scale");
  }

  /** A reader of the paper finds each of its places here: a claim, or why there is none. */
  @Test
  void everyPlaceHasItsRowsOrAReason() throws IOException {
    Path claims = temp.resolve("claims");
    String order = Files.readString(claims.resolve("order.yaml"));
    Files.writeString(claims.resolve("old.yaml"), "superseded_by: order\n" + order);
    Path paper = Files.createDirectories(claims.resolve("sources")).resolve("paper.yaml");
    String places =
        """
        cited: the paper
        title: A paper on order
        places:
          - {place: Table 1, shows: the order}
          - {place: Table 11, shows: much more, why: no text for it}
        """;
    Files.writeString(paper, places);
    Files.writeString(
        claims.resolve("order.yaml"),
        order.replace("source: the paper", "source: \"the paper, section 2, Table 1\""));
    library = ClaimLibrary.read(claims);
    run("order", 0.06);
    String page = readme(Optional.empty());
    assertThat(page.lines())
        .contains(
            "| Table 1 | the order | [order](#order) (reproduced) |",
            "| Table 11 | much more | no text for it |");
    assertThat(page)
        .contains("What was asked: which statements of \"A paper on order\" hold in small models.")
        .contains("## A paper on order");
    int first = page.indexOf("![The order: loss against rate, here](order-rates.png)");
    assertThat(first).isBetween(0, page.indexOf("## Verdicts")); // and once more in its section
    for (String wrong :
        List.of(
            places.replace(", why: no text for it", ""),
            places.replace("the order}", "it, why: none}"))) {
      Files.writeString(paper, wrong);
      assertThatThrownBy(() -> ClaimLibrary.read(claims))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("paper.yaml: places[")
          .hasMessageContaining(
              wrong.contains("none")
                  ? "since a claim cites Table 1"
                  : "why no claim cites Table 11");
    }
  }

  @Test
  void aSupersededRowStaysAndDoesNotCount() throws IOException {
    Path claims = temp.resolve("claims");
    String order = Files.readString(claims.resolve("order.yaml"));
    Files.writeString(claims.resolve("old.yaml"), "superseded_by: order\n" + order);
    library = ClaimLibrary.read(claims);
    run("order", 0.06);
    String page = readme(Optional.empty());
    assertThat(page.replace('\n', ' '))
        .contains(
            "2 rows of published claims: 1 reproduced, 1 not run.  1 row from 1 independent set")
        .contains("## Superseded  | claim |")
        .contains("Superseded by order, which corrects it.");
    assertThat(page.indexOf("[The order](#old)")).isGreaterThan(page.indexOf("## Superseded"));
    assertThat(page.lines().filter(line -> line.startsWith("| [The order](#old)")))
        .noneMatch(line -> line.contains("Holm"));
    Files.writeString(claims.resolve("old.yaml"), "superseded_by: nobody\n" + order);
    assertThatThrownBy(() -> ClaimLibrary.read(claims))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("old: superseded_by is nobody; allowed: ");
  }

  /** A control that does not come out as it must takes the page's word away. */
  @Test
  void controlsAreHeldAgainstWhatTheyMustBe() throws IOException {
    Path claims = temp.resolve("claims");
    String order =
        Files.readString(claims.resolve("order.yaml")).replaceFirst("published: .*\\n", "");
    for (String must : List.of("reproduced", "contradicted")) {
      Files.writeString(
          claims.resolve("control.yaml"), "kind: control\nmust: " + must + "\n" + order);
      library = ClaimLibrary.read(claims);
      run("order", 0.06);
      String page = readme(Optional.empty()).replace('\n', ' ');
      boolean right = must.equals("reproduced");
      assertThat(page.contains("1 control whose outcome is known beforehand came out as it must."))
          .isEqualTo(right);
      assertThat(page.contains("A control failed, so no verdict here is to be trusted: control."))
          .isEqualTo(!right);
      assertThat(page.contains("**reproduced, direction only, as it must be**")).isEqualTo(right);
      assertThat(page.contains("THE CONTROL FAILED, it must be contradicted")).isEqualTo(!right);
      assertThat(page).contains("2 rows of published claims: 1 reproduced, 1 not run.  1 row from");
    }
  }

  /** p = .04 alone; two rows make it .08, by Holm. */
  @Test
  void manyRowsAreCorrected() {
    RunTable table = RunTable.read(home.resolve("runs.csv"));
    double[] noise = {-0.0115, 0, 0.0115}; // mean .0282: t = 4.25, p = .051 ... .0500 at 4.303
    Claims.completed(
        library.named("order").designs().get(Scale.TINY),
        table,
        wanted -> {
          double x = BestRate.log2(wanted.config().optimizer().lr() / 2e-3);
          long seed = wanted.config().training().seed();
          double gap = seed > 10 ? 0.0315 + noise[(int) seed - 11] : 0.03;
          return 4 + 0.1 * x * x + (wanted.arm().equals("signum") ? gap : 0);
        });
    assertThat(readme(Optional.empty()).replace('\n', ' '))
        .contains("With Holm's correction over these 1 verdicts all verdicts stand at 5 %.");
    run("slope", 0.06);
    assertThat(readme(Optional.empty()).replace('\n', ' '))
        .contains("over these 2 verdicts all verdicts stand at 5 %.");
  }

  @Test
  void aRowOfAnotherScaleHasItsOwnPlaceAndCommand() throws IOException {
    Path claims = temp.resolve("claims");
    String order = Files.readString(claims.resolve("order.yaml"));
    Files.writeString(claims.resolve("order.yaml"), order.replace("small: tiny", "mini: tiny"));
    library = ClaimLibrary.read(claims);
    run("order", 0.06);
    assertThat(readme(Optional.empty()))
        .contains("| [The order (mini)](#order-mini) | **reproduced, direction only**; p ")
        .contains(
            "| no text, mini | `./adamant reproduce order --scale mini` |"
                .replace("no text", "wordnet"))
        .contains("The scale \"mini\": a model that is not trained.");
  }
}

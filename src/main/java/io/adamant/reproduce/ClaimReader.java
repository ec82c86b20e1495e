package io.adamant.reproduce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import io.adamant.config.Arm;
import io.adamant.config.Configs;
import io.adamant.config.StudyConfig;
import io.adamant.reproduce.Claim.Kind;
import io.adamant.reproduce.TrialDesign.Tuning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads {@code CLAIM.yaml}.
 *
 * <pre>
 * kind: published                    # or reading: what nobody claims, but a reader might; or control
 * must: reproduced                   # of a control: the outcome that it must have
 * superseded_by: order               # the claim that corrects this one
 * title: a few words
 * claim: the claim in words
 * published:
 *   - {what: best rate, value: 5e-4, source: "Orvieto and Gower (2025), Fig. 2"}
 * calculated: []                     # like published, for numbers of our own
 * checks:                            # what decides; never changed after the first run
 *   Signum above AdamW:
 *     {rule: difference, quantity: val_loss, of: signum, minus: adamw, at_least: 0, why: an order}
 * margins: why they are what they are, where one reason serves all
 * renamed: {new name: old name}      # of arms and checks, after the first run
 * tune: arms                         # arms | cells | equal | fixed; see TrialDesign
 * tiny: {arms: {...}, grid: {...}, base: {...}}   # a study over the scale's base run; seeds: [...]
 * small: ...
 * paper: small                     # the arms of another scale
 * </pre>
 *
 * <p>A claim that is {@code like: half-batch} takes what it does not say from that file, of a scale
 * key by key.
 *
 * <p>Instead of its own runs a claim may use those of another, {@code runs_of: table1}, or name a
 * simulation, {@code experiment: toy}.
 */
final class ClaimReader {
  private static final List<String> KEYS =
      List.of(
          "title",
          "like",
          "kind",
          "must",
          "superseded_by",
          "claim",
          "published",
          "calculated",
          "checks",
          "margins",
          "renamed",
          "experiment",
          "runs_of",
          "tune",
          "tiny",
          "mini",
          "small",
          "paper",
          "discussion");

  /** What is said of one claim's outcome, and not of those that are like it. */
  private static final List<String> OWN = List.of("discussion", "superseded_by");

  private final Path folder;
  private final Map<Scale, ScaleFile> scales;

  ClaimReader(Path folder, Map<Scale, ScaleFile> scales) {
    this.folder = folder;
    this.scales = scales;
  }

  Claim read(String name) {
    Yaml file = file(name);
    List<ClaimCheck> checks = checks(file);
    Optional<String> experiment = file.optionalText("experiment");
    for (ClaimCheck check : checks) {
      if (experiment.isPresent() != (check.rule() == CheckRule.SIMULATED)) {
        throw new InputException(
            "%s: check '%s' has the rule %s; allowed: %s"
                .formatted(
                    file.file(),
                    check.name(),
                    check.rule().word(),
                    experiment.isPresent() ? "simulated" : "any other than simulated"));
      }
    }
    return new Claim(
        kind(file),
        must(file),
        file.optionalText("superseded_by"),
        name,
        file.text("title"),
        file.text("claim"),
        kind(file) == Kind.CONTROL ? List.of() : numbers(file, "published"),
        file.has("calculated") ? numbers(file, "calculated") : List.of(),
        checks,
        file.optionalText("margins").orElse(""),
        margin(file, checks),
        experiment,
        experiment.isPresent() ? Map.of() : designs(file),
        file.optionalText("discussion").orElse(""));
  }

  /** A claim's file, completed where it is like another. */
  private Yaml file(String name) {
    Yaml file = Yaml.read(folder.resolve(name + ".yaml"));
    file.only(KEYS);
    if (!file.has("like")) {
      return file;
    }
    Yaml other = Yaml.read(folder.resolve(file.text("like") + ".yaml"));
    if (other.has("like")) {
      throw file.bad("like", "a claim that says all of its own");
    }
    ((ObjectNode) other.node()).remove(OWN);
    return file.over(other, Arrays.stream(Scale.values()).map(Scale::word).toList());
  }

  private static Kind kind(Yaml file) {
    String word = file.optionalText("kind").orElse("published");
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.name().toLowerCase(Locale.ROOT).equals(word))
        .findFirst()
        .orElseThrow(() -> file.bad("kind", "published, reading, control"));
  }

  private static Optional<Outcome> must(Yaml file) {
    if (kind(file) != Kind.CONTROL) {
      file.optionalText("must")
          .ifPresent(
              word -> {
                throw file.bad("must", "nothing, since the claim is no control");
              });
      return Optional.empty();
    }
    return Stream.of(Outcome.REPRODUCED, Outcome.CONTRADICTED)
        .filter(outcome -> outcome.words().equals(file.text("must")))
        .findFirst()
        .or(
            () -> {
              throw file.bad("must", "reproduced, contradicted");
            });
  }

  private static List<Published> numbers(Yaml file, String key) {
    List<Published> numbers = new ArrayList<>();
    for (Yaml item : file.items(key)) {
      item.only(List.of("what", "value", "source"));
      numbers.add(new Published(item.text("what"), item.text("value"), item.text("source")));
    }
    return numbers;
  }

  private static List<ClaimCheck> checks(Yaml file) {
    Yaml node = file.mapping("checks");
    List<ClaimCheck> checks = new ArrayList<>();
    for (String name : node.keys()) {
      Yaml entry = node.mapping(name);
      try {
        checks.add(check(name, entry));
      } catch (InputException e) {
        throw e.getMessage().startsWith(file.file()) ? e : e.at(file.file());
      }
    }
    if (checks.isEmpty()) {
      throw file.bad("checks", "at least one check");
    }
    return checks;
  }

  private static ClaimCheck check(String name, Yaml entry) {
    CheckRule rule = CheckRule.of(entry.text("rule"));
    List<String> allowed =
        new ArrayList<>(List.of("rule", "at_least", "at_most", "why", "undecided"));
    allowed.addAll(rule.inputs());
    entry.only(allowed);
    Map<String, String> inputs = new LinkedHashMap<>();
    rule.inputs().forEach(key -> inputs.put(key, entry.text(key)));
    return new ClaimCheck(
        name,
        rule,
        inputs,
        entry.number("at_least").orElse(Double.NEGATIVE_INFINITY),
        entry.number("at_most").orElse(Double.POSITIVE_INFINITY),
        entry.optionalText("why").orElse(""),
        entry.optionalText("undecided").orElse(""));
  }

  private Map<Scale, TrialDesign> designs(Yaml file) {
    Yaml runs = file;
    if (file.has("runs_of")) {
      String other = file.text("runs_of");
      runs = file(other);
      if (runs.has("runs_of") || runs.has("experiment")) {
        throw file.bad("runs_of", "a claim with runs of its own");
      }
    }
    Tuning tuning = tuning(runs);
    Map<Scale, TrialDesign> designs = new EnumMap<>(Scale.class);
    for (Scale scale : Scale.values()) {
      if (runs.has(scale.word())) {
        String same = runs.optionalText(scale.word()).orElse(scale.word());
        if (!runs.node().path(same).isObject()) {
          throw runs.bad(scale.word(), "arms and their grids, or another scale that has them");
        }
        designs.put(scale, design(runs.mapping(same), scale, tuning, !file.has("superseded_by")));
      }
    }
    if (designs.isEmpty()) {
      throw file.bad("tiny", "a study; or the key experiment, or runs_of");
    }
    return designs;
  }

  private static Tuning tuning(Yaml runs) {
    String word = runs.text("tune");
    return Arrays.stream(Tuning.values())
        .filter(tuning -> tuning.name().toLowerCase(Locale.ROOT).equals(word))
        .findFirst()
        .orElseThrow(() -> runs.bad("tune", "arms, cells, equal, fixed"));
  }

  private TrialDesign design(Yaml section, Scale scale, Tuning tuning, boolean apart) {
    if (section.has("stop")) {
      throw section.bad(
          "stop", "none, since verdicts follow from these runs: all are trained whole");
    }
    section.only(List.of("base", "arms", "grid", "seeds"));
    ScaleFile shared =
        scales.containsKey(scale) ? scales.get(scale) : ScaleFile.read(folder, scale); // refuses
    ObjectNode study = Yaml.object();
    study.put("name", "reproduction-" + scale.word());
    study.set("base", Yaml.merged(shared.base(), section.node().path("base")));
    section.mapping("arms");
    study.set("arms", section.node().path("arms"));
    if (section.has("grid")) {
      study.set("grid", section.node().path("grid"));
    }
    try {
      StudyConfig config = Configs.parseStudy(Yaml.write(study), List.of());
      requireOwnRates(config);
      if (tuning == Tuning.EQUAL) {
        config.arms().forEach(ClaimReader::requirePairs);
      }
      List<Long> seeds =
          section.has("seeds")
              ? ScaleFile.seeds(section, "seeds", List.of(shared.gridSeed()))
              : tuning == Tuning.FIXED ? shared.freshSeeds() : shared.comparedSeeds();
      return new TrialDesign(
          config,
          tuning,
          shared.gridSeed(),
          tuning == Tuning.FIXED ? seeds : shared.freshSeeds(),
          tuning == Tuning.FIXED || apart ? seeds : List.of(),
          shared.extensions());
    } catch (InputException e) {
      throw e.at(section.file() + ": " + section.path());
    }
  }

  /** A match is theory's, not tuned: no verdict about optimizers may rest on it. */
  private static void requireOwnRates(StudyConfig study) {
    for (Arm arm : study.arms()) {
      if (arm.matches().isPresent()) {
        throw InputException.badValue(
            "optimizer.lr of arm " + arm.name(),
            "match(" + arm.matches().get() + ")",
            "a number, since verdicts follow from these runs");
      }
    }
  }

  /** Equal betas are held against another β2 of their β1. */
  private static void requirePairs(Arm arm) {
    GridCell.of(arm).stream()
        .collect(
            Collectors.groupingBy(
                GridCell::beta1,
                Collectors.mapping(cell -> cell.beta2() == cell.beta1(), Collectors.toSet())))
        .forEach(
            (beta1, equal) -> {
              if (equal.size() < 2) {
                throw new InputException(
                    "arm %s: the values of beta2 at beta1 = %s must hold the equal one and another, for tune: equal"
                        .formatted(arm.name(), beta1));
              }
            });
  }

  /**
   * What may not change once runs exist: the words, the rules and the margins. Names of arms and
   * checks may, by {@code renamed}: the hash is taken over the old ones, and so shows that nothing
   * else is new.
   */
  private static String margin(Yaml file, List<ClaimCheck> checks) {
    String text =
        checks.stream()
            .map(
                check ->
                    "\n%s|%s|%s|%s|%s"
                        .formatted(
                            check.name(),
                            check.rule().word(),
                            check.inputs(),
                            check.low(),
                            check.high()))
            .collect(Collectors.joining());
    Yaml renamed = file.has("renamed") ? file.mapping("renamed") : file.at("renamed");
    for (String name : renamed.keys()) {
      String old = renamed.text(name);
      if (!text.contains(name) || text.contains(old)) {
        throw renamed.bad(name, "the old name, used no more, of an arm or a check");
      }
      text = text.replace(name, old);
    }
    return new Sha256().add(file.text("claim") + text).hex().substring(0, 16);
  }
}

package io.adamant.reproduce;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.adamant.base.InputException;
import io.adamant.base.Sha256;
import io.adamant.config.Configs;
import io.adamant.config.StudyConfig;
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

/**
 * Reads {@code CLAIM.yaml}.
 *
 * <pre>
 * title: a few words
 * claim: the claim in words
 * published:
 *   - {what: best rate, value: 5e-4, source: "Orvieto and Gower (2025), Fig. 2"}
 * checks:                            # what decides; never changed after the first run
 *   Signum above AdamW: {rule: difference, quantity: val_loss, of: signum, minus: adamw, at_least: 0}
 * tune: arms                         # arms | cells | fixed; see TrialDesign
 * tiny: {arms: {...}, grid: {...}, base: {...}}   # a study over the scale's base run
 * small: ...
 * paper: small                     # the arms of another scale
 * </pre>
 *
 * <p>Instead of its own runs a claim may use those of another, {@code runs_of: table1}, or name a
 * simulation, {@code experiment: toy}.
 */
final class ClaimReader {
  private static final List<String> KEYS =
      List.of(
          "title",
          "claim",
          "published",
          "checks",
          "experiment",
          "runs_of",
          "tune",
          "tiny",
          "small",
          "paper",
          "discussion");

  private final Path folder;
  private final Map<Scale, ScaleFile> scales;

  ClaimReader(Path folder, Map<Scale, ScaleFile> scales) {
    this.folder = folder;
    this.scales = scales;
  }

  Claim read(String name) {
    Yaml file = Yaml.read(folder.resolve(name + ".yaml"));
    file.only(KEYS);
    List<Published> published = new ArrayList<>();
    for (Yaml item : file.items("published")) {
      item.only(List.of("what", "value", "source"));
      published.add(new Published(item.text("what"), item.text("value"), item.text("source")));
    }
    List<Check> checks = checks(file);
    Optional<String> experiment = file.optionalText("experiment");
    for (Check check : checks) {
      if (experiment.isPresent() != (check.rule() == Rule.SIMULATED)) {
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
        name,
        file.text("title"),
        file.text("claim"),
        published,
        checks,
        margin(file, checks),
        experiment,
        experiment.isPresent() ? Map.of() : designs(file),
        file.optionalText("discussion").orElse(""));
  }

  private static List<Check> checks(Yaml file) {
    Yaml node = file.mapping("checks");
    List<Check> checks = new ArrayList<>();
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

  private static Check check(String name, Yaml entry) {
    Rule rule = Rule.of(entry.text("rule"));
    List<String> allowed = new ArrayList<>(List.of("rule", "at_least", "at_most"));
    allowed.addAll(rule.inputs());
    entry.only(allowed);
    Map<String, String> inputs = new LinkedHashMap<>();
    rule.inputs().forEach(key -> inputs.put(key, entry.text(key)));
    return new Check(
        name,
        rule,
        inputs,
        entry.number("at_least").orElse(Double.NEGATIVE_INFINITY),
        entry.number("at_most").orElse(Double.POSITIVE_INFINITY));
  }

  private Map<Scale, TrialDesign> designs(Yaml file) {
    Yaml runs = file;
    if (file.has("runs_of")) {
      String other = file.text("runs_of");
      runs = Yaml.read(folder.resolve(other + ".yaml"));
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
        designs.put(scale, design(runs.mapping(same), scale, tuning));
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
        .orElseThrow(() -> runs.bad("tune", "arms, cells, fixed"));
  }

  private TrialDesign design(Yaml section, Scale scale, Tuning tuning) {
    section.only(List.of("base", "arms", "grid"));
    ScaleFile shared = scales.get(scale);
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
      return new TrialDesign(
          config, tuning, shared.gridSeed(), shared.freshSeeds(), shared.extensions());
    } catch (InputException e) {
      throw e.at(section.file() + ": " + section.path());
    }
  }

  /** What may not change once runs exist: the words, the rules and the margins. */
  private static String margin(Yaml file, List<Check> checks) {
    String text =
        file.text("claim")
            + checks.stream()
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
    return new Sha256().add(text).hex().substring(0, 16);
  }
}

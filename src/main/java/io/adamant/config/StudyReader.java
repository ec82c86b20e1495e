package io.adamant.config;

import io.adamant.base.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads a study: its keys, the options of the command line, and the arms laid over the base. */
final class StudyReader {
  private static final String SEED = "training.seed";
  private static final Set<String> OPTIONS = Set.of("name", "title", "seeds");
  private static final Set<String> NO_OPTIONS = Set.of("arms", "grid", "base", "confirm", "stop");

  private final ConfigFile file;
  private final YamlNode.Mapping root;
  private final WrittenSettings options;
  private final WrittenSettings base;

  private StudyReader(ConfigFile file, WrittenSettings options) {
    this.file = file;
    this.root = file.study();
    this.options = options;
    this.base = WrittenSettings.of(mapping("base")).overlaid(options);
  }

  static StudyConfig read(ConfigFile file, List<SetOption> setOptions) {
    Map<String, YamlNode> ofStudy = new LinkedHashMap<>();
    WrittenSettings ofBase = WrittenSettings.NONE;
    for (SetOption option : setOptions) {
      if (OPTIONS.contains(option.key())) {
        ofStudy.put(option.key(), option.value());
      } else if (NO_OPTIONS.contains(option.key().replaceFirst("\\..*", ""))
          && !option.key().startsWith("base.")) {
        throw new InputException(
            "%s: --set cannot change %s; allowed: name, title, seeds and the keys of the base run"
                .formatted(option.value().origin(), option.key()));
      } else {
        String key = option.key().replaceFirst("^base\\.", "");
        ofBase = ofBase.overlaid(WrittenSettings.of(key, option.value()));
      }
    }
    file.study(); // complains of a file that is no study before an option hides it
    return new StudyReader(file.with(ofStudy), ofBase).study();
  }

  private StudyConfig study() {
    Grid grid =
        root.entries().containsKey("grid") ? Grid.of(root.entries().get("grid")) : Grid.NONE;
    RunConfig baseRun = RunCodec.decode(ImportedSettings.complete(base), file.source(), "");
    List<WrittenArm> written = writtenArms(grid);
    checkSeeds(written);
    checkOptions(written);
    List<Arm> arms = new MatchedArms(written, file.source()).arms();
    String name =
        text("name")
            .orElseThrow(
                () ->
                    new InputException(
                        file.source()
                            + ": the study has no name; expected: a key such as name: lr"));
    try {
      return new StudyConfig(
          name, text("title").orElse(""), baseRun, arms, seeds(baseRun), confirm(), stop());
    } catch (InputException e) {
      throw e.at(
          e.key()
              .map(key -> root.entries().get(key.replaceFirst("\\..*", "")))
              .map(YamlNode::origin)
              .orElse(file.source()));
    }
  }

  private List<WrittenArm> writtenArms(Grid grid) {
    if (!root.entries().containsKey("arms")) {
      return List.of(
          new WrittenArm("base", file.source(), WrittenSettings.NONE, grid, false, base));
    }
    YamlNode.Mapping arms = mapping("arms");
    if (arms.entries().isEmpty()) {
      throw InputException.badValue("arms", "empty", "a mapping of names to settings")
          .at(root.entries().get("arms").origin());
    }
    List<WrittenArm> written = new ArrayList<>();
    arms.entries().forEach((name, node) -> written.add(writtenArm(name, node, grid)));
    return written;
  }

  private WrittenArm writtenArm(String name, YamlNode node, Grid studyGrid) {
    Map<String, YamlNode> entries = new LinkedHashMap<>(asMapping("arms." + name, node).entries());
    YamlNode ownGrid = entries.remove("grid");
    WrittenSettings own = WrittenSettings.of(new YamlNode.Mapping(entries, node.origin()));
    Grid grid = ownGrid == null ? studyGrid : Grid.of(ownGrid);
    return new WrittenArm(name, node.origin(), own, grid, ownGrid != null, base);
  }

  /** A seed set by an arm would lose against the study's without a word. */
  private void checkSeeds(List<WrittenArm> arms) {
    for (WrittenArm arm : arms) {
      if (arm.sets(SEED)) {
        throw new InputException(
            "%s: arm %s varies %s; expected: the study's own key, such as seeds: [1, 2, 3]"
                .formatted(arm.origin(), arm.name(), SEED));
      }
    }
    if (root.entries().containsKey("seeds") && options.get(SEED).isPresent()) {
      throw new InputException(
          options.get(SEED).get().origin() + ": this study lists its seeds; use --set seeds=[1]");
    }
  }

  /** An option that no run of any arm would feel is a mistake. */
  private void checkOptions(List<WrittenArm> arms) {
    options
        .values()
        .forEach(
            (key, option) -> {
              boolean felt =
                  arms.stream()
                      .flatMap(arm -> arm.runs().stream())
                      .anyMatch(run -> run.get(key).filter(option::equals).isPresent());
              if (!felt) {
                throw new InputException(
                    "%s: no effect, since every arm sets %s itself or has another optimizer.type"
                            .formatted(option.origin(), key)
                        + " ("
                        + String.join(", ", arms.stream().map(WrittenArm::name).toList())
                        + ")"
                        + "; change it there");
              }
            });
  }

  private List<Long> seeds(RunConfig baseRun) {
    YamlNode node = root.entries().get("seeds");
    if (node == null) {
      return List.of(baseRun.training().seed());
    }
    return StudyLists.seeds("seeds", node);
  }

  private Optional<ConfirmConfig> confirm() {
    YamlNode node = root.entries().get("confirm");
    return node == null ? Optional.empty() : Optional.of(StudyLists.confirm(node));
  }

  private Optional<StopConfig> stop() {
    YamlNode node = root.entries().get("stop");
    return node == null ? Optional.empty() : Optional.of(StudyLists.stop(node));
  }

  private Optional<String> text(String key) {
    YamlNode node = root.entries().get(key);
    if (node == null) {
      return Optional.empty();
    }
    if (node instanceof YamlNode.Scalar scalar && !scalar.absent()) {
      return Optional.of(scalar.text());
    }
    throw InputException.badValue(key, node.shown(), "one line of text").at(node.origin());
  }

  private YamlNode.Mapping mapping(String key) {
    YamlNode node = root.entries().get(key);
    return node == null ? new YamlNode.Mapping(Map.of(), file.source()) : asMapping(key, node);
  }

  private static YamlNode.Mapping asMapping(String key, YamlNode node) {
    if (node instanceof YamlNode.Mapping mapping) {
      return mapping;
    }
    if (node instanceof YamlNode.Scalar scalar && scalar.absent()) {
      return new YamlNode.Mapping(Map.of(), node.origin());
    }
    throw InputException.badValue(key, node.shown(), "a mapping").at(node.origin());
  }
}

package io.adamant.reproduce;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What all claims of a scale share.
 *
 * @param about model, tokens and machine in words
 * @param corpus the text and how anyone obtains it
 * @param chosen how model, text and batch were chosen; may be empty
 * @param gridSeed of grids
 * @param freshSeeds of comparisons
 * @param extensions rates that a grid may grow by at each end
 * @param base settings of the base run, as written
 */
public record ScaleFile(
    String about,
    String corpus,
    String chosen,
    long gridSeed,
    List<Long> freshSeeds,
    int extensions,
    JsonNode base) {

  /** Takes a copy. */
  public ScaleFile {
    freshSeeds = List.copyOf(freshSeeds);
  }

  static final String FOLDER = "scales";

  static ScaleFile read(Path claims, Scale scale) {
    Yaml file = Yaml.read(claims.resolve(FOLDER).resolve(scale.word() + ".yaml"));
    file.only(List.of("about", "corpus", "chosen", "seeds", "extensions", "base"));
    Yaml seeds = file.mapping("seeds");
    seeds.only(List.of("grid", "fresh"));
    int grid = seeds.whole("grid", 0, Integer.MAX_VALUE);
    List<Long> fresh = new ArrayList<>();
    for (Yaml item : seeds.items("fresh")) {
      fresh.add((long) seed(item));
    }
    if (fresh.size() < 2 || fresh.stream().distinct().count() < fresh.size()) {
      throw seeds.bad("fresh", "two or more seeds, each once");
    }
    if (fresh.contains((long) grid)) {
      throw InputException.badValue("seeds.fresh", fresh, "seeds other than that of the grid")
          .at(file.file());
    }
    return new ScaleFile(
        file.text("about"),
        file.text("corpus"),
        file.optionalText("chosen").orElse(""),
        grid,
        List.copyOf(fresh),
        file.whole("extensions", 0, 10),
        file.mapping("base").node());
  }

  private static int seed(Yaml item) {
    if (!item.node().isInt() || item.node().asInt() < 0) {
      throw InputException.badValue(item.path(), item.node().asText(), "a whole number")
          .at(item.file());
    }
    return item.node().asInt();
  }
}

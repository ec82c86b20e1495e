package io.adamant.reproduce;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What claims are taken from, place by place: a reader finds each figure and table again.
 *
 * @param cited how sources of claims begin that mean it
 * @param title with where it is found
 * @param places in its order
 */
public record Publication(String cited, String title, List<Place> places) {

  /**
   * A figure, a table or an article.
   *
   * @param name as sources of claims have it, such as {@code Fig. 2}
   * @param shows in a few words
   * @param why no claim cites it; empty where one does
   */
  public record Place(String name, String shows, Optional<String> why) {}

  static final String FOLDER = "sources";

  /** Takes a copy. */
  public Publication {
    places = List.copyOf(places);
  }

  /**
   * All of a folder of claims, by the names of their files.
   *
   * @throws InputException if a file cannot be understood, or a place has neither a claim nor a
   *     reason, or both
   */
  static List<Publication> all(Path claims, List<Claim> known) {
    Path folder = claims.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .map(file -> read(Yaml.read(file), known))
          .toList();
    } catch (IOException e) {
      throw new InputException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static Publication read(Yaml file, List<Claim> known) {
    file.only(List.of("cited", "title", "places"));
    List<Place> places = new ArrayList<>();
    Publication whole = new Publication(file.text("cited"), file.text("title"), places);
    for (Yaml item : file.items("places")) {
      item.only(List.of("place", "shows", "why"));
      Place place = new Place(item.text("place"), item.text("shows"), item.optionalText("why"));
      if (whole.claims(place, known).isEmpty() == place.why().isEmpty()) {
        throw item.bad(
            "why",
            place.why().isEmpty()
                ? "why no claim cites " + place.name()
                : "nothing, since a claim cites " + place.name());
      }
      places.add(place);
    }
    return new Publication(whole.cited(), whole.title(), places);
  }

  /** The claims that cite a place and are not superseded, of some. */
  List<Claim> claims(Place place, List<Claim> some) {
    return some.stream()
        .filter(claim -> claim.supersededBy().isEmpty())
        .filter(claim -> claim.published().stream().anyMatch(p -> cites(p.source(), place.name())))
        .toList();
  }

  /** Whether a source, such as "Orvieto and Gower (2025), section 3, Fig. 1", has a place. */
  private boolean cites(String source, String place) {
    return source.startsWith(cited)
        && Arrays.stream(source.substring(cited.length()).split("[,;]", -1))
            .map(String::strip)
            .anyMatch(part -> part.equals(place) || part.startsWith(place + " "));
  }
}

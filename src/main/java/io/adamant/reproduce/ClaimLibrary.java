package io.adamant.reproduce;

import io.adamant.base.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All claims of a folder, such as {@code configs/reproduce}.
 *
 * @param claims in the order of the folder's {@code ORDER} file, others after them by name
 * @param scales what all claims of a scale share; without those that no file describes
 * @param publications what the claims are taken from, of the files in {@code sources/}
 */
public record ClaimLibrary(
    List<Claim> claims, Map<Scale, ScaleFile> scales, List<Publication> publications) {

  private static final String ORDER = "order.txt";
  private static final String SUFFIX = ".yaml";

  /** Takes copies. */
  public ClaimLibrary {
    claims = List.copyOf(claims);
    Set<String> names = claims.stream().map(Claim::name).collect(Collectors.toSet());
    for (Claim claim : claims) {
      claim
          .supersededBy()
          .filter(name -> !names.contains(name))
          .ifPresent(
              name -> {
                throw InputException.badValue(
                    claim.name() + ": superseded_by", name, String.join(", ", names));
              });
    }
    scales = Map.copyOf(scales);
    publications = List.copyOf(publications);
  }

  /**
   * Reads a folder.
   *
   * @param folder with one file a claim, and {@code scales/}
   * @return its claims
   * @throws InputException if a file cannot be understood
   */
  public static ClaimLibrary read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new InputException(folder + ": no such folder; expected: a folder of claims");
    }
    Map<Scale, ScaleFile> scales = ScaleFile.all(folder);
    ClaimReader reader = new ClaimReader(folder, scales);
    List<Claim> claims = names(folder).stream().map(reader::read).toList();
    return new ClaimLibrary(claims, scales, Publication.all(folder, claims));
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> present =
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.endsWith(SUFFIX))
              .map(name -> name.substring(0, name.length() - SUFFIX.length()))
              .sorted()
              .toList();
      Path order = folder.resolve(ORDER);
      List<String> names = new ArrayList<>();
      if (Files.exists(order)) {
        Files.readAllLines(order).stream()
            .map(String::strip)
            .filter(present::contains)
            .forEach(names::add);
      }
      present.stream().filter(name -> !names.contains(name)).forEach(names::add);
      return names;
    } catch (IOException e) {
      throw new InputException(folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * A claim by its name.
   *
   * @param name of its file
   * @return the claim
   * @throws InputException if there is none, with all that are
   */
  public Claim named(String name) {
    return claims.stream()
        .filter(claim -> claim.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "no claim named %s; allowed: list, all, page, %s"
                        .formatted(
                            name,
                            claims.stream().map(Claim::name).collect(Collectors.joining(", ")))));
  }
}

package io.adamant.report;

import io.adamant.results.RunData;
import io.adamant.results.StudyRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A point of a grid that was trained on fresh seeds after the grid had chosen it.
 *
 * @param arm name of the arm, with its study where there are several
 * @param role {@code winner}, or {@code lower} or {@code higher}: its neighbour in learning rate
 * @param runs those on fresh seeds; named like the point of the grid
 * @param selection the point of the grid; empty if its runs are not there
 */
public record Confirmed(String arm, String role, ArmRuns runs, Optional<ArmRuns> selection) {

  /** Whether this is the point that the grid chose, not a neighbour. */
  public boolean winner() {
    return role.equals("winner");
  }

  /** The runs of fresh seeds, gathered by what {@code confirmation.yaml} says of them. */
  static List<Confirmed> of(List<RunData> fresh, List<StudyNames> named, List<ArmRuns> grid) {
    boolean several = grid.stream().map(ArmRuns::study).distinct().count() > 1;
    List<Confirmed> all = new ArrayList<>();
    for (StudyNames names : named) {
      for (StudyRecord.Choice choice : names.choices()) {
        List<RunData> runs =
            fresh.stream()
                .filter(run -> names.owns(run) && choice.ids().contains(run.id()))
                .toList();
        if (runs.isEmpty()) {
          continue;
        }
        RunData first = runs.get(0);
        Optional<ArmRuns> selection =
            grid.stream()
                .filter(p -> p.study().equals(first.study()) && p.arm().equals(choice.arm()))
                .filter(p -> p.setting().equals(first.setting()))
                .findFirst();
        String arm = (several ? first.study() + "/" : "") + choice.arm();
        String name = selection.map(ArmRuns::name).orElse(choice.label());
        all.add(
            new Confirmed(
                arm,
                choice.role(),
                new ArmRuns(name, first.study(), choice.arm(), runs),
                selection));
      }
    }
    return List.copyOf(all);
  }
}

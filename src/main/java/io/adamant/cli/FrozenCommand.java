package io.adamant.cli;

import io.adamant.base.DurableFiles;
import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.base.Numbers;
import io.adamant.chart.Digits;
import io.adamant.config.RunConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.data.TokenDataset;
import io.adamant.lab.FrozenPage;
import io.adamant.onestep.Design;
import io.adamant.onestep.DrawLog;
import io.adamant.onestep.FrozenPoint;
import io.adamant.onestep.FrozenResult;
import io.adamant.onestep.Method;
import io.adamant.onestep.ModelPopulation;
import io.adamant.results.RunDirectory;
import io.adamant.results.RunFolders;
import io.adamant.tensor.Devices;
import io.adamant.train.CheckpointStore;
import io.adamant.train.StoredModel;
import io.adamant.train.Training;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant frozen}. */
@Command(
    name = "frozen",
    description = "Measure the one-step laws at the frozen weights of a trained model.",
    footer = {
      "",
      "A checkpoint is one point, a run its last one; the folder of a run's checkpoints gives three",
      "side by side: the initial weights, the checkpoint in the middle, the last one. What was measured",
      "is kept line by line; the same command again goes on where it was stopped.",
      "",
      "Examples:",
      "  ./adamant frozen results/quickstart/runs/ID --plan",
      "  ./adamant frozen results/quickstart/runs/ID --minutes 15",
      "  ./adamant frozen results/quickstart/runs/ID/checkpoint --optimizers sgd,adam --batch 4,64"
    })
final class FrozenCommand implements Callable<Integer> {

  private static final int MOST = 1 << 20;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "A checkpoint, a run, or RUN/checkpoint.")
  private Path path;

  @Option(
      names = "--pool",
      paramLabel = "N",
      defaultValue = "256",
      description = "Training windows that are the population, default ${DEFAULT-VALUE}.")
  private int pool;

  @Option(
      names = "--batch",
      paramLabel = "B,..",
      split = ",",
      defaultValue = "1,4,16,64,256",
      description = "Batch sizes in windows, default ${DEFAULT-VALUE}.")
  private List<String> batches;

  @Option(
      names = "--optimizers",
      paramLabel = "NAME,..",
      split = ",",
      defaultValue = "sgd,sgdm,sign_sgd,signum,adam,soft_sign",
      description = "Rules, default ${DEFAULT-VALUE}.")
  private List<String> optimizers;

  @Option(names = "--beta1", defaultValue = "0.9", description = "Default ${DEFAULT-VALUE}.")
  private String beta1;

  @Option(names = "--beta2", defaultValue = "0.95", description = "Default ${DEFAULT-VALUE}.")
  private String beta2;

  @Option(
      names = "--epsilon",
      paramLabel = "E,..",
      split = ",",
      defaultValue = "1e-4,1e-3,1e-1",
      description = "SoftSign's, in units of the gradient, default ${DEFAULT-VALUE}.")
  private List<String> epsilons;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "15",
      description =
          "Time for all points, which sets the number of draws; default ${DEFAULT-VALUE}.")
  private String minutes;

  @Option(
      names = "--chains",
      paramLabel = "N",
      description = "Chains of four draws for each batch size, at least 2, instead of --minutes.")
  private Integer chains;

  @Option(
      names = "--probes",
      paramLabel = "N",
      defaultValue = "64",
      description = "Probes of tr H and tr(ΣH), default ${DEFAULT-VALUE}.")
  private int probes;

  @Option(names = "--seed", defaultValue = "1", description = "Default ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--plan", description = "Print the number of draws and the time, then end.")
  private boolean plan;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where to write (default: frozen in the run's folder).")
  private Path out;

  @Option(names = "--json", description = "Print JSON instead of text.")
  private boolean json;

  @Mixin private ComputeOptions compute;

  /** Weights to measure at; empty for the initial ones. */
  private record Point(String name, Path run, Optional<StoredModel> stored) {}

  @Override
  public Integer call() {
    Design design = design();
    compute.check();
    double limit = number("--minutes", minutes, 0, 1e6);
    if (chains != null && chains < 2) {
      throw InputException.badValue("--chains", chains, "a whole number, at least 2");
    }
    List<Point> points = points();
    Path run = points.get(0).run();
    Path folder = out == null ? run.resolve("frozen") : out;
    RunConfig config = RunDirectory.config(run);
    PrintWriter err = spec.commandLine().getErr();
    EngineFiles.requireFit(err);
    List<FrozenResult> results = new ArrayList<>();
    try (TokenDataset data =
        TokenDataset.open(Training.dataset(config), CacheDirectory.ofUser(), err::println)) {
      for (Point point : points) {
        Optional<FrozenResult> found =
            measure(point, config, data, design, limit / points.size(), folder);
        found.ifPresent(results::add);
      }
    }
    if (!plan) {
      FrozenPage page = new FrozenPage(results);
      List<Path> written = new ArrayList<>(page.page().write(folder));
      written.add(DurableFiles.write(folder.resolve("frozen.json"), Json.pretty(page.json())));
      PrintWriter print = spec.commandLine().getOut();
      print.print(json ? Json.pretty(page.json()) : page.text());
      PageOutput.announce(print, json ? List.of() : written);
    }
    return 0;
  }

  private Optional<FrozenResult> measure(
      Point point, RunConfig config, TokenDataset data, Design design, double limit, Path folder) {
    PrintWriter err = spec.commandLine().getErr();
    int count = compute.threads();
    long begin = System.nanoTime();
    String name = point.stored().isPresent() ? point.name() : "initial weights";
    try (WorkBar bar = new WorkBar("gradients of " + name, pool, err);
        ModelPopulation population =
            new ModelPopulation(
                config,
                point.stored(),
                data,
                pool,
                Devices.select(compute.device()),
                count,
                bar::advance)) {
      String of =
          "%s; %s; data %s; pool %s; threads %s; %s"
              .formatted(
                  name,
                  point
                      .stored()
                      .map(model -> model.provenance().get("weights.sha256"))
                      .orElse("seed " + config.training().seed() + ", " + config.model()),
                  data.dataSha256(),
                  pool,
                  count,
                  design);
      if (plan) {
        plan(new FrozenPoint(population, design, Map.of()), name, design, limit, begin);
        return Optional.empty();
      }
      try (DrawLog log = new DrawLog(folder.resolve(file(name)), of)) {
        FrozenPoint work = new FrozenPoint(population, design, log.found());
        if (log.blocks() == 0) {
          log.begin(of, chains == null ? affordable(work, limit, begin) : chains);
        }
        try (WorkBar all = new WorkBar(name, work.work(log.blocks()), err)) {
          work.measure(log, all::advance);
        }
        return Optional.of(FrozenResult.of(name, pool, design, log.blocks(), log.found()));
      }
    }
  }

  private static String file(String name) {
    return "draws-" + name.replaceAll("[^A-Za-z0-9]+", "-") + ".jsonl";
  }

  private void plan(FrozenPoint work, String name, Design design, double limit, long begin) {
    double pooled = (System.nanoTime() - begin) / 1e9;
    FrozenPoint.Cost cost = work.cost();
    int count = chains == null ? count(cost, limit, pooled) : chains;
    PrintWriter print = spec.commandLine().getOut();
    print.println(
        Digits.format(
            "%s: %s draws for each of %d batch sizes and %d rules, %s (pool %s, sums %s, draws %s)",
            name,
            4 * count,
            design.batches().size(),
            design.methods().size(),
            Digits.duration(pooled + cost.fixed() + count * cost.block()),
            Digits.duration(pooled),
            Digits.duration(cost.fixed()),
            Digits.duration(count * cost.block())));
    print.flush();
  }

  private static int affordable(FrozenPoint work, double limit, long begin) {
    FrozenPoint.Cost cost = work.cost();
    return count(cost, limit, (System.nanoTime() - begin) / 1e9);
  }

  private static int count(FrozenPoint.Cost cost, double limit, double spent) {
    double count = (60 * limit - spent - cost.fixed()) / cost.block();
    if (count < 2) {
      double least = (spent + cost.fixed() + 2 * cost.block()) / 60;
      throw new InputException(
          Digits.format(
              "--minutes: too few for two chains; expected: at least %.1f a point on this machine,"
                  + " or fewer --batch, --optimizers or a smaller --pool",
              least));
    }
    return (int) Math.min(count, MOST);
  }

  private List<Point> points() {
    Path folder = path.toAbsolutePath().normalize();
    if (folder.endsWith(RunDirectory.CHECKPOINT)) {
      Path run = folder.getParent();
      List<Path> all = new CheckpointStore(folder).newestFirst();
      if (all.isEmpty() || !RunDirectory.isRun(run)) {
        throw new InputException(path + " has no checkpoint of a run; expected: RUN/checkpoint");
      }
      List<Point> points = new ArrayList<>();
      if (RunDirectory.config(run).training().initFrom().isEmpty()) {
        points.add(new Point("initial weights", run, Optional.empty()));
      }
      if (all.size() > 1) {
        points.add(stored(all.get(all.size() / 2)));
      }
      points.add(stored(all.get(0)));
      return points;
    }
    return List.of(stored(path));
  }

  private static Point stored(Path where) {
    StoredModel model = StoredModel.open(where, StoredModel.Choice.LAST);
    Path run = model.text().where().getParent();
    if (run == null || !RunDirectory.isRun(run)) {
      throw new InputException(
          where + " was not trained here, so its training data is unknown; expected: a run");
    }
    String step = model.provenance().get("step");
    return new Point("run %s step %s".formatted(RunFolders.id(run), step), run, Optional.of(model));
  }

  private Design design() {
    double b1 = number("--beta1", beta1, 0, 0.9999);
    double b2 = number("--beta2", beta2, 0, 0.9999);
    if (pool < 2) {
      throw InputException.badValue("--pool", pool, "a whole number, at least 2");
    }
    if (probes < 2) {
      throw InputException.badValue("--probes", probes, "a whole number, at least 2");
    }
    List<Method> methods = new ArrayList<>();
    for (String word : optimizers) {
      Method.Kind kind =
          Arrays.stream(Method.Kind.values())
              .filter(value -> value.word().equals(word))
              .findFirst()
              .orElseThrow(
                  () ->
                      InputException.badValue(
                          "--optimizers",
                          word,
                          Arrays.stream(Method.Kind.values())
                              .map(Method.Kind::word)
                              .collect(Collectors.joining(", ", "some of ", ""))));
      if (kind == Method.Kind.SOFT_SIGN) {
        for (String epsilon : epsilons) {
          methods.add(new Method(kind, 0, 0, number("--epsilon", epsilon, 1e-30, 1e30)));
        }
      } else {
        boolean momentum =
            kind == Method.Kind.SGDM || kind == Method.Kind.SIGNUM || kind == Method.Kind.ADAM;
        methods.add(new Method(kind, momentum ? b1 : 0, kind == Method.Kind.ADAM ? b2 : 0, 0));
      }
    }
    List<Integer> sizes = new ArrayList<>();
    for (String text : batches) {
      OptionalLong size = Numbers.parseWhole(text);
      if (size.isEmpty() || size.getAsLong() < 1 || size.getAsLong() > MOST) {
        throw InputException.badValue("--batch", text, "whole numbers from 1 to " + MOST);
      }
      sizes.add((int) size.getAsLong());
    }
    return new Design(
        methods.stream().distinct().toList(),
        sizes.stream().distinct().sorted().toList(),
        b1,
        b2,
        Math.min(16, pool),
        probes,
        seed);
  }

  private static double number(String option, String text, double low, double high) {
    OptionalDouble value = Numbers.parse(text);
    if (value.isEmpty() || !(value.getAsDouble() >= low && value.getAsDouble() <= high)) {
      throw InputException.badValue(
          option, text, "a number from %s to %s".formatted(Numbers.text(low), Numbers.text(high)));
    }
    return value.getAsDouble();
  }
}

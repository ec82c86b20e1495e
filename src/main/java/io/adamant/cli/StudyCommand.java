package io.adamant.cli;

import io.adamant.base.Granted;
import io.adamant.base.InputException;
import io.adamant.config.Configs;
import io.adamant.config.Reduction;
import io.adamant.config.StudyConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.parallel.World;
import io.adamant.plan.RunPlan;
import io.adamant.results.Ladder;
import io.adamant.slurm.Slurm;
import io.adamant.slurm.SlurmArray;
import io.adamant.study.Confirmation;
import io.adamant.study.Placement;
import io.adamant.study.Shard;
import io.adamant.study.StudyDirectory;
import io.adamant.study.StudyEstimate;
import io.adamant.study.StudyPlan;
import io.adamant.study.StudyStatus;
import io.adamant.study.SupersededCheckpoints;
import io.adamant.study.WorkerPool;
import io.adamant.tensor.CudaView;
import io.adamant.tensor.Devices;
import io.adamant.train.Training;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant study}. */
@Command(
    name = "study",
    description = "Train the runs of a study and compare its arms.",
    footer = {
      "",
      "Finished runs are not trained again; interrupted runs resume from their checkpoints. "
          + "Any number",
      "of these commands, on any number of machines with a shared folder, may work on one study at",
      "the same time.",
      "",
      "Examples:",
      "  ./adamant study configs/quickstart.yaml",
      "  ./adamant study configs/quickstart-tuning.yaml --jobs 2",
      "  ./adamant study configs/paper/winners-160m.yaml --devices cuda:0,cuda:1",
      "  ./adamant study configs/quickstart-tuning.yaml --plan",
      "  ./adamant study configs/quickstart-tuning.yaml --status",
      "  ./adamant study configs/quickstart-tuning.yaml --slurm --workers 8 -- -p gpu --time=4:00:00",
      "  ./adamant study configs/quickstart.yaml --set training.steps=50 --results /tmp/results",
      "  ./adamant study --rerun quickstart-bundle --run 0fc6d3d774c0"
    })
final class StudyCommand implements Callable<Integer> {

  private static final int USUAL_CPUS = 2; // for small models; -- -c N asks for others

  @Spec private CommandSpec spec;
  @Mixin private SetOptions set;
  @Mixin private ResultsOption results;

  @Parameters(paramLabel = "STUDY.yaml", arity = "0..1", description = "The study's configuration.")
  private Path file;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "SBATCH OPTIONS",
      description = "With --slurm, after --: options for sbatch, such as -p gpu --gres=gpu:1.")
  private List<String> sbatch = new ArrayList<>();

  @Option(
      names = "--rerun",
      paramLabel = "BUNDLE",
      description = "Train a run of a bundle again and compare the weights; with --run.")
  private Path bundle;

  @Option(names = "--run", paramLabel = "ID", description = "The run's id, as in runs.csv.")
  private String run;

  @Option(
      names = "--replace",
      description =
          "Use the results folder even if it holds another study of this name; "
              + "finished runs stay.")
  private boolean replace;

  @Mixin private StudyOptions options;
  @Mixin private SlurmOptions slurm;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description =
          "Train in N worker processes that share the threads (default: one per GPU if"
              + " training.device does not name one, else in this process).")
  private Integer jobs;

  @Option(
      names = "--devices",
      paramLabel = "LIST",
      description =
          "Devices for the workers, in turn, such as cuda:0,cuda:1 (default: the study's device, or"
              + " all GPUs if it does not name one).")
  private String devices;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      defaultValue = "1/1",
      description =
          "Train only every N-th run, starting with the I-th; for machines that share no folder.")
  private String shard;

  @Option(
      names = "--status",
      description = "Print the progress of the study, whichever processes train it, and exit.")
  private boolean status;

  @Option(
      names = "--plan",
      description = "Print the number of runs and tokens, the time and the disk space, and exit.")
  private boolean planOnly;

  @Option(
      names = "--watch",
      paramLabel = "SECONDS",
      arity = "0..1",
      defaultValue = "0",
      fallbackValue = StudyWatch.EVERY,
      description =
          "Rewrite report.html, which reloads itself, every so many seconds while the runs train"
              + " (without a number: ${FALLBACK-VALUE}).")
  private int watch;

  @Option(
      names = "--prune",
      description =
          "Show the checkpoints that finished runs no longer need, all but the newest and the best;"
              + " with --yes remove them.")
  private boolean prune;

  @Option(names = "--yes", description = "With --prune: remove them.")
  private boolean yes;

  @Option(
      names = "--promote",
      paramLabel = "ID",
      split = ",",
      description =
          "Let runs that stopped at a rung go on to their end, whatever their rank"
              + " (ids as in runs.csv, separated by commas).")
  private List<String> promoted = new ArrayList<>();

  @Option(names = "--retry", description = "Retry runs that were given up after errors.")
  private boolean retry;

  @Override
  public Integer call() {
    StudyOptions.requireJobs(jobs);
    boolean submit = slurm.wanted(spec, sbatch);
    if (spec.commandLine().getParseResult().hasMatchedOption("--watch")) {
      StudyWatch.require("--watch", watch);
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    requireOneOf();
    if (bundle != null) {
      return new RerunSession(out, err).run(bundle, run, set.overrides(), results, options);
    }
    StudyConfig study = Configs.readStudy(file, set.overrides());
    OptionalInt follower = follower(study, submit);
    if (follower.isPresent()) {
      return follower.getAsInt();
    }
    Shard part = Shard.parse(shard);
    requireFitForRungs(study, part);
    StudyPlan.check(study);
    boolean looks = planOnly || status || prune;
    if (!looks && !slurm.printsOnly()) {
      results.require(study.name());
    }
    if (!looks && !submit) {
      new LogHead(err).who();
    }
    EngineFiles.requireFit(err);
    List<String> places = devices(study);
    if (jobs == null && places.size() > 1 && World.here().ranks().size() == 1) {
      jobs = places.size();
    }
    int workers = jobs == null ? 1 : jobs;
    Duration lease = options.lease();
    try (StudyPlan plan = StudyPlan.of(study, workers, CacheDirectory.ofUser(), err::println)) {
      Hooks.check(plan);
      plan.warnings().forEach(err::println);
      StudyDirectory directory = new StudyDirectory(results.directory().resolve(plan.name()), file);
      if (!replace) {
        directory.check(plan);
      }
      Optional<Ladder> ladder = plan.ladder(directory);
      if (!looks && !slurm.printsOnly()) {
        promoted.forEach(id -> ladder.orElseThrow().letOn(id, "--promote"));
      }
      Optional<Confirmation> confirmation = Confirmation.of(plan, directory);
      List<StudyPlan.Item> items = new ArrayList<>(part.of(plan.items()));
      confirmation.ifPresent(c -> items.addAll(part.of(c.items())));
      List<StudyPlan.Item> mayFollow =
          confirmation.isPresent() ? List.of() : part.of(Confirmation.atMost(plan));
      if (status) {
        StatusText.print(StudyStatus.read(items, directory, ladder), mayFollow.size(), out);
        new SlurmArray(directory.root(), new Slurm()).queue().ifPresent(out::println);
        out.flush();
        return 0;
      }
      if (prune) {
        prune(SupersededCheckpoints.of(items, directory), out);
        return 0;
      }
      if (planOnly) {
        PlanText.matches(study).forEach(out::println);
        ladder.ifPresent(rungs -> items.removeIf(item -> rungs.isStopped(item.id())));
        out.println(
            PlanText.of(
                StudyEstimate.of(items, mayFollow, directory, item -> measured(item, err)),
                workers));
        ladder.ifPresent(rungs -> out.println(PlanText.saved(plan, rungs)));
        out.flush();
        return 0;
      }
      if (!slurm.printsOnly()) {
        directory.write(plan);
      }
      if (retry && !slurm.printsOnly()) {
        items.forEach(item -> directory.retry(item.id()));
      }
      if (submit) {
        long left =
            items.stream()
                .filter(item -> !directory.hasResult(item.id()))
                .filter(item -> ladder.filter(rungs -> rungs.isStopped(item.id())).isEmpty())
                .count();
        return slurm.run(spec, sbatch, plan.name(), directory.root(), left, cpus(study));
      }
      StudySession session =
          new StudySession(plan, part, directory, lease, options.idle(), out, err).watched(watch);
      return jobs == null
          ? session.run()
          : session.run(
              jobs,
              number ->
                  worker(directory, number, placement(plan, places).get(number - 1), lease, shard));
    }
  }

  /**
   * Joins the ranks of a launcher for a study whose runs add gradients in a tree: one run after the
   * other is trained on all of them. Others are workers, each by itself.
   */
  private OptionalInt follower(StudyConfig study, boolean submit) {
    if (submit || planOnly || status || prune || Launched.environment().isEmpty()) {
      return OptionalInt.empty();
    }
    if (study.base().training().reduction() != Reduction.TREE) {
      return OptionalInt.empty();
    }
    if (jobs != null) {
      throw new ParameterException(
          spec.commandLine(),
          "--jobs is for one process; here a launcher has started several ranks");
    }
    OptionalInt follower = Launched.join();
    if (follower.isEmpty()) {
      Training.requireRanks(study.base().training(), World.here().ranks().size());
    }
    return follower;
  }

  private void prune(SupersededCheckpoints found, PrintWriter out) {
    if (yes) {
      found.delete();
    }
    out.println(
        "%s older checkpoints of %s runs with a result, %s%s"
            .formatted(
                found.folders().size(),
                found.runs(),
                PrepareCommand.size(found.bytes()),
                yes ? ": removed" : found.folders().isEmpty() ? "" : "; --yes removes them"));
    out.flush();
  }

  private void requireFitForRungs(StudyConfig study, Shard part) {
    if (study.stop().isPresent() && !part.equals(Shard.WHOLE)) {
      throw InputException.badValue(
          "--shard",
          part,
          "1/1 in a study with stop:, which compares all runs at a rung;"
              + " let workers share its folder");
    }
    if (!promoted.isEmpty() && study.stop().isEmpty()) {
      throw InputException.badValue(
          "--promote", String.join(",", promoted), "runs of a study with stop:");
    }
  }

  private void requireOneOf() {
    if (yes && !prune) {
      throw new ParameterException(spec.commandLine(), "--yes is for --prune");
    }
    if ((file == null) == (bundle == null) || (bundle == null) != (run == null)) {
      throw new ParameterException(
          spec.commandLine(), "expected: either STUDY.yaml, or --rerun BUNDLE with --run ID");
    }
  }

  /** CPUs of a worker: as many as its threads, and a few where those follow them. */
  private int cpus(StudyConfig study) {
    int threads = study.base().training().threads();
    return (threads > 0 ? threads : USUAL_CPUS) * (jobs == null ? 1 : jobs);
  }

  /** The devices of this machine that the study is for. */
  private List<String> devices(StudyConfig study) {
    String configured = study.base().training().device();
    List<String> places =
        devices != null
            ? Placement.parse(devices)
            : Placement.devices(configured, configured.equals("cpu") ? 0 : usableGpus());
    places.forEach(Devices::select); // refuses what is not there
    return places;
  }

  private static int usableGpus() {
    CudaView cuda = CudaView.detect();
    return cuda.obstacle().isPresent() ? 0 : cuda.gpus();
  }

  /** A few steps of a run, since none of its kind has finished here. */
  static StudyEstimate.Sample measured(StudyPlan.Item item, PrintWriter err) {
    err.println("adamant: measuring " + item.label() + ": no run of its model has finished here");
    err.flush();
    RunPlan plan = RunPlan.of(item.config(), item.data(), Hooks.of(item));
    double seconds = plan.time().isEmpty() ? Double.NaN : plan.seconds() / plan.tokens();
    double bytes = (double) plan.checkpoints() * plan.checkpointBytes();
    return new StudyEstimate.Sample(item.config(), seconds, bytes);
  }

  /** Threads that the configuration names count for each worker. */
  private List<Placement> placement(StudyPlan plan, List<String> places) {
    int cores = Granted.here().threads();
    int threads = plan.items().get(0).config().training().threads();
    boolean share = threads == Math.max(1, cores / jobs);
    return Placement.of(jobs, places, share ? cores : threads * jobs);
  }

  /** The command line of a worker process. */
  static List<String> worker(
      StudyDirectory directory, int number, Placement place, Duration lease, String part) {
    List<String> arguments =
        List.of(
            "study-worker",
            directory.root().toAbsolutePath().toString(),
            "--name",
            WorkerPool.name(number),
            "--threads",
            Integer.toString(place.threads()),
            "--device",
            place.device(),
            "--lease",
            Double.toString(lease.toMillis() / 1000.0),
            "--shard",
            part);
    return WorkerPool.jvm(Main.class.getName(), arguments);
  }
}

package io.adamant.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.adamant.tensor.Autograd;
import io.adamant.tensor.ScriptArchive;
import io.adamant.tensor.ScriptModule;
import io.adamant.tensor.TorchRuntime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One step of an optimizer over 10 million parameters, as the training loop takes it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class OptimizerStep {
  /** Not an optimizer: {@code torch._fused_adamw_} called directly on the same arrays. */
  static final String TORCH = "torch._fused_adamw_";

  /** Not an optimizer: w &larr; g, the machine's bandwidth. */
  static final String COPY = "copy";

  /** An optimizer's type, or one of the two above. */
  @Param({TORCH})
  public String type;

  private NDManager manager;
  private NDList parameters;
  private NDList gradients;
  private Runnable step;
  private Autograd.Mode off;
  private final List<AutoCloseable> resources = new ArrayList<>();

  /** Shapes of a GPT of 12 layers and width 256: 10.03 M parameters in 87 tensors. */
  static List<Shape> shapes() {
    List<Shape> shapes = new ArrayList<>(List.of(new Shape(2048, 256), new Shape(2048, 256)));
    for (int layer = 0; layer < 12; layer++) {
      shapes.add(new Shape(768, 256));
      shapes.add(new Shape(256, 256));
      shapes.add(new Shape(640, 256));
      shapes.add(new Shape(640, 256));
      shapes.add(new Shape(256, 640));
      shapes.add(new Shape(256));
      shapes.add(new Shape(256));
    }
    shapes.add(new Shape(256));
    return shapes;
  }

  /** Coordinates of all tensors. */
  static long size() {
    return shapes().stream().mapToLong(Shape::size).sum();
  }

  /** Weights near 0.02, gradients near 1e-3, all random. */
  @Setup(Level.Trial)
  public void prepare() {
    int cores = Runtime.getRuntime().availableProcessors();
    TorchRuntime.prepareThread(Integer.getInteger("threads", cores));
    off = Autograd.noGrad();
    manager = NDManager.newBaseManager();
    parameters = normal(0.02f);
    gradients = normal(1e-3f);
    step =
        switch (type) {
          case TORCH -> torch();
          case COPY -> copy();
          default -> optimizer();
        };
  }

  private NDList normal(float std) {
    return new NDList(
        shapes().stream().map(shape -> manager.randomNormal(shape).mul(std)).toList());
  }

  private Runnable optimizer() {
    FusedOptimizer optimizer = Optimizers.create(type, Map.of(), LearningRate.constant(1e-3), 0.1);
    resources.add(optimizer);
    List<String> names = new ArrayList<>();
    parameters.forEach(parameter -> names.add("w" + names.size()));
    OptimizerState state = optimizer.newState(manager, names, parameters);
    NDArray gate = manager.create(1d);
    return () -> optimizer.step(state, gradients, gate, 1e-3, 0.1);
  }

  private Runnable torch() {
    ScriptModule module =
        module(
            """
            def run(self, params: List[Tensor], grads: List[Tensor], ms: List[Tensor], vs: List[Tensor], counts: List[Tensor]) -> None:
              none = annotate(List[Tensor], [])
              torch._fused_adamw_(params, grads, ms, vs, none, counts, lr=0.001, beta1=0.95, beta2=0.95, weight_decay=0.1, eps=1e-08, amsgrad=False, maximize=False, grad_scale=None, found_inf=None)
            """);
    NDList ms = normal(0);
    NDList vs = normal(0);
    NDList counts = new NDList();
    parameters.forEach(parameter -> counts.add(manager.create(1f)));
    return () -> module.call(manager, "run", parameters, gradients, ms, vs, counts).close();
  }

  private Runnable copy() {
    ScriptModule module =
        module(
            """
            def run(self, params: List[Tensor], grads: List[Tensor]) -> None:
              for i in range(len(params)):
                params[i].copy_(grads[i])
            """);
    return () -> module.call(manager, "run", parameters, gradients).close();
  }

  private ScriptModule module(String method) {
    ScriptModule module = new ScriptModule(manager, new ScriptArchive("", method, Map.of()));
    resources.add(module);
    return module;
  }

  /** One step. */
  @Benchmark
  public void step() {
    step.run();
  }

  /** Frees the arrays. */
  @TearDown(Level.Trial)
  public void free() throws Exception {
    for (AutoCloseable resource : resources) {
      resource.close();
    }
    manager.close();
    off.close();
  }
}

package io.adamant.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import io.adamant.base.Resources;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A compiled TorchScript module and typed calls of its methods.
 *
 * <p>Only float32, float64 and int64 tensors cross the border: a bfloat16 {@code NDArray} kills the
 * JVM in DJL 0.35.1, so kernels cast inside.
 *
 * <p>Not thread-safe: calls set the names of their arguments.
 */
public final class ScriptModule implements AutoCloseable {

  private final PtSymbolBlock module;
  private final PtNDManager manager;

  /**
   * Compiles an archive.
   *
   * @param parent the manager whose device and lifetime the module shares
   * @param archive source and constants
   */
  public ScriptModule(NDManager parent, ScriptArchive archive) {
    manager = (PtNDManager) parent.newSubManager();
    try {
      module =
          JniUtils.loadModule(manager, new ByteArrayInputStream(archive.bytes()), false, false);
    } catch (IOException e) {
      throw new UncheckedIOException("loading a TorchScript module from memory failed", e);
    }
  }

  /**
   * Reads a source file of the kernels.
   *
   * @param name file name below {@code io/adamant/torchscript}, such as {@code clip.py}
   * @return the text
   */
  public static String resource(String name) {
    String path = "/io/adamant/torchscript/" + name;
    try (InputStream in = ScriptModule.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("no TorchScript source " + path + " in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("reading " + path + " failed", e);
    }
  }

  /**
   * Finds source files of the kernels.
   *
   * @param folder a folder below {@code io/adamant/torchscript} with a slash at its end
   * @return names for {@link #resource}, sorted
   */
  public static List<String> resources(String folder) {
    return Resources.list("io/adamant/torchscript/", "optimizer.py", folder, ".py");
  }

  /**
   * Calls a method so that gradients flow through it to every argument that wants them.
   *
   * @param results the manager that owns the results
   * @param method the method's name
   * @param arguments {@code NDArray} for a {@code Tensor}, {@code NDList} (not empty) for a {@code
   *     List[Tensor]}
   * @return the results
   */
  public NDList differentiate(NDManager results, String method, Object... arguments) {
    // DJL finds the method and the lists by the names of arrays; the results belong to the manager
    // of the first one, which is a placeholder.
    NDArray first =
        results.create(new Shape()); // without a value: on a GPU one would be waited for
    first.setName("module_method:" + method);
    NDList inputs = new NDList(first);
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] instanceof NDList list) {
        String name = "list" + i + "[]";
        list.forEach(array -> array.setName(name));
        inputs.addAll(list);
      } else {
        NDArray array = (NDArray) arguments[i];
        array.setName(null); // a name with a dot would be read as a dictionary's entry
        inputs.add(array);
      }
    }
    NDList outputs = IValueUtils.forward(module, inputs, true);
    first.close();
    return outputs;
  }

  /**
   * Calls a method without recording gradients.
   *
   * @param results the manager that owns the results
   * @param method the method's name
   * @param arguments {@code NDArray}, {@code NDList}, {@code Double}, {@code Long}, {@code
   *     Boolean}, {@code double[]} for {@code Tensor, List[Tensor], float, int, bool, List[float]}
   * @return the results; empty if the method returns {@code None}
   */
  public NDList call(NDManager results, String method, Object... arguments) {
    List<IValue> values = new ArrayList<>(arguments.length);
    try {
      for (Object argument : arguments) {
        values.add(value(argument));
      }
      try (IValue result = IValueUtils.runMethod(module, method, values.toArray(new IValue[0]))) {
        return result.isTensor() || result.isTensorList() || result.isTuple()
            ? result.toNDList((PtNDManager) results)
            : new NDList();
      }
    } finally {
      values.forEach(IValue::close);
    }
  }

  private static IValue value(Object argument) {
    if (argument instanceof PtNDArray array) {
      return IValue.from(array);
    } else if (argument instanceof NDList list) {
      return IValue.listFrom(list.toArray(new PtNDArray[0]));
    } else if (argument instanceof Double number) {
      return IValue.from(number.doubleValue());
    } else if (argument instanceof Long number) {
      return IValue.from(number.longValue());
    } else if (argument instanceof Boolean flag) {
      return IValue.from(flag.booleanValue());
    } else if (argument instanceof double[] numbers) {
      return IValue.listFrom(numbers);
    }
    throw new IllegalArgumentException(
        "a kernel takes NDArray, NDList, Double, Long, Boolean or double[], found "
            + (argument == null ? "null" : argument.getClass().getName()));
  }

  /**
   * The methods that the module offers.
   *
   * @return their names
   */
  public List<String> methods() {
    return Arrays.asList(JniUtils.getMethodNames(module));
  }

  @Override
  public void close() {
    module.close();
    manager.close();
  }
}

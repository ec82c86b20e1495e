package io.adamant.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.List;

/** Records by reflection; what their constructors throw comes through as it is. */
final class Records {

  /** The JVM makes new ones at every call, which planning thousands of runs would wait for. */
  private static final ClassValue<List<RecordComponent>> COMPONENTS =
      new ClassValue<>() {
        @Override
        protected List<RecordComponent> computeValue(Class<?> type) {
          return List.of(type.getRecordComponents());
        }
      };

  private static final ClassValue<Constructor<?>> CONSTRUCTORS =
      new ClassValue<>() {
        @Override
        protected Constructor<?> computeValue(Class<?> type) {
          Class<?>[] types =
              components(type).stream().map(RecordComponent::getType).toArray(Class<?>[]::new);
          try {
            return type.getDeclaredConstructor(types);
          } catch (NoSuchMethodException e) {
            throw new IllegalStateException(type + " is a record", e);
          }
        }
      };

  private Records() {}

  /** Of a record, in order. */
  static List<RecordComponent> components(Class<?> type) {
    return COMPONENTS.get(type);
  }

  static <R> R construct(Class<R> type, List<Object> values) {
    try {
      return type.cast(CONSTRUCTORS.get(type).newInstance(values.toArray()));
    } catch (InvocationTargetException e) {
      throw thrown(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be built", e);
    }
  }

  static Object call(Method method, Object target, Object... arguments) {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw thrown(e);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(method + " cannot be called", e);
    }
  }

  private static RuntimeException thrown(InvocationTargetException e) {
    if (e.getCause() instanceof RuntimeException cause) {
      return cause;
    }
    return new IllegalStateException(e.getCause());
  }
}

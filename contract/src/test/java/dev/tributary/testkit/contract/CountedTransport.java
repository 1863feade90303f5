package dev.tributary.testkit.contract;

import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.Transport;
import dev.tributary.stream.Message;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** A transport in front of another, that counts the calls of all its roles, and what its subscriptions deliver. */
final class CountedTransport {
  private static final Set<String> ABOUT_ITSELF = Set.of("backend", "capabilities", "limits", "close", "toString", "hashCode", "equals");

  private static final Set<String> ROLES = Set.of("health", "deadLetters", "delayed");

  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final Transport counted;

  CountedTransport(Transport transport) {
    this.counted = front(Transport.class.cast(transport));
  }

  Transport transport() {
    return counted;
  }

  long calls() {
    return calls.get();
  }

  /** The bytes of the messages that its subscriptions delivered. */
  long received() {
    return received.get();
  }

  /** An observer that is counted for. */
  private Object counting(Object observer) {
    return Proxy.newProxyInstance(
        SourceObserver.class.getClassLoader(),
        new Class<?>[] {SourceObserver.class},
        (proxy, method, arguments) -> {
          if (method.getName().equals("onItem") && arguments[0] instanceof Message<?> message && message.value() instanceof byte[] value) {
            received.addAndGet(value.length);
          }
          try {
            return method.invoke(observer, arguments);
          } catch (InvocationTargetException thrown) {
            throw thrown.getCause();
          }
        });
  }

  private <T> T front(T behind) {
    Set<Class<?>> faces = new LinkedHashSet<>();
    for (Class<?> type = behind.getClass(); type != null; type = type.getSuperclass()) {
      faces.addAll(Set.of(type.getInterfaces()));
    }
    @SuppressWarnings("unchecked") // it has all interfaces of what it stands in front of
    T front =
        (T)
            Proxy.newProxyInstance(
                Transport.class.getClassLoader(),
                faces.toArray(Class<?>[]::new),
                (proxy, method, arguments) -> call(behind, method, arguments));
    return front;
  }

  private Object call(Object behind, Method method, Object[] arguments) throws Throwable {
    Object result;
    if (method.getName().equals("subscribe") && arguments[1] instanceof SourceObserver<?> observer) {
      arguments[1] = counting(observer);
    }
    try {
      result = method.invoke(behind, arguments);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
    if (behind instanceof Transport && result instanceof Optional<?> role) {
      return role.map(this::front);
    }
    if (ROLES.contains(method.getName())) {
      return front(result);
    }
    if (!ABOUT_ITSELF.contains(method.getName())) {
      calls.incrementAndGet();
    }
    return result;
  }
}

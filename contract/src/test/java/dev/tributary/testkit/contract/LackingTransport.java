package dev.tributary.testkit.contract;

import dev.tributary.Capability;
import dev.tributary.spi.Transport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.Set;

/** A transport of which less is said than it can: what its server would not do. */
final class LackingTransport {
  private LackingTransport() {}

  static Transport of(Transport whole, Set<Capability> lacks) {
    Set<Capability> left = new HashSet<>(whole.capabilities());
    left.removeAll(lacks);
    return (Transport)
        Proxy.newProxyInstance(
            Transport.class.getClassLoader(),
            new Class<?>[] {Transport.class},
            (proxy, method, arguments) -> {
              try {
                return method.getName().equals("capabilities") ? left : method.invoke(whole, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }
}

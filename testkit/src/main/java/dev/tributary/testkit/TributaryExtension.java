package dev.tributary.testkit;

import dev.tributary.Tributary;
import dev.tributary.engine.MemoryEngine;
import dev.tributary.testkit.server.EmbeddedServer;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link FakeTributary}, or what belongs to it: the {@link Tributary} client, its {@link VirtualTime}, its
 * {@link MemoryEngine}. Each test has a fake of its own, and it is closed after the test. Whatever is injected belongs to that one:
 * into the test, into what runs before and after it, and into the constructor of its class. So nothing is injected where several tests
 * would share it: into {@code @BeforeAll}, or into the constructor of a class with one instance for all its tests.
 *
 * <p>Also an {@link EmbeddedServer} on free ports, with an engine and real time of its own, and, for a {@code Tributary} that is
 * {@link OverTheWire}, a client connected to it. One server for each test and protocol; closed after the test, clients first.
 *
 * <pre>{@code
 * @TributaryTest
 * class OrdersTest {
 *   @Test
 *   void retriesLater(Tributary client, VirtualTime time) { … }
 *
 *   @Test
 *   void survivesARestart(EmbeddedServer server, @OverTheWire Tributary client) { … }
 * }
 * }</pre>
 */
public final class TributaryExtension implements ParameterResolver {
  private static final String PROTOCOL = "flowmesh";
  private static final Map<Class<?>, Function<FakeTributary, Object>> PARAMETERS =
      Map.of(
          FakeTributary.class, fake -> fake,
          Tributary.class, fake -> fake,
          VirtualTime.class, FakeTributary::time,
          MemoryEngine.class, FakeTributary::engine);

  /** For JUnit. */
  public TributaryExtension() {}

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == EmbeddedServer.class || PARAMETERS.containsKey(type);
  }

  /** The constructor of a class is for the test that its instance is made for. */
  @Override
  public ExtensionContextScope getTestInstantiationExtensionContextScope(ExtensionContext rootContext) {
    return ExtensionContextScope.TEST_METHOD;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    if (context.getTestMethod().isEmpty()) {
      throw new ParameterResolutionException(
          "each test has a "
              + parameter.getParameter().getType().getSimpleName()
              + " of its own: take it as a parameter of the test, or of a constructor with an instance for each test");
    }
    // The store closes what it has at the end of the test, the latest first.
    Store store = context.getStore(Namespace.create(TributaryExtension.class, context.getUniqueId()));
    Class<?> type = parameter.getParameter().getType();
    Optional<OverTheWire> wire = parameter.findAnnotation(OverTheWire.class);
    String protocol = wire.map(OverTheWire::value).orElse(PROTOCOL);
    if (type == EmbeddedServer.class) {
      return server(store, protocol);
    }
    if (type == Tributary.class && wire.isPresent()) {
      String uri = server(store, protocol).uri();
      return kept(store, "client of " + protocol, () -> Tributary.connect(uri));
    }
    FakeTributary fake = kept(store, FakeTributary.class, FakeTributary::create);
    return PARAMETERS.get(type).apply(fake);
  }

  /** JUnit 6 has other names for what it calls here, which JUnit 5 does not know. */
  @SuppressWarnings({"deprecation", "unchecked"})
  private static <T extends AutoCloseable> T kept(Store store, Object key, Supplier<T> made) {
    return ((Kept<T>) store.getOrComputeIfAbsent(key, absent -> new Kept<>(made.get()), Kept.class)).value();
  }

  /** What both of them close. */
  @SuppressWarnings({"deprecation", "try"})
  private record Kept<T extends AutoCloseable>(T value) implements Store.CloseableResource, AutoCloseable {
    @Override
    public void close() throws Exception {
      value.close();
    }
  }

  private static EmbeddedServer server(Store store, String protocol) {
    return kept(store, "server of " + protocol, () -> EmbeddedServer.of(protocol).start());
  }
}

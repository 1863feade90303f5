package dev.tributary.testkit;

import dev.tributary.Tributary;
import dev.tributary.testkit.engine.MemoryEngine;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test methods a {@link FakeTributary}, or what belongs to it: the {@link Tributary} client, its {@link VirtualTime}, its
 * {@link MemoryEngine}. Each test has a fake of its own, all its parameters belong to that one, and it is closed after the test.
 *
 * <pre>{@code
 * @TributaryTest
 * class OrdersTest {
 *   @Test
 *   void retriesLater(Tributary client, VirtualTime time) { … }
 * }
 * }</pre>
 */
public final class TributaryExtension implements ParameterResolver {
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
    return PARAMETERS.containsKey(parameter.getParameter().getType());
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    // The store closes it at the end of the test.
    FakeTributary fake =
        context
            .getStore(Namespace.create(TributaryExtension.class, context.getUniqueId()))
            .computeIfAbsent(FakeTributary.class, type -> FakeTributary.create(), FakeTributary.class);
    return PARAMETERS.get(parameter.getParameter().getType()).apply(fake);
  }
}

package dev.tributary.testkit.contract;

import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import java.util.function.UnaryOperator;

/** The stories on an engine without a wire. */
final class EngineDisheapStoriesTest extends DisheapStories {
  @Override
  Tributary connect(UnaryOperator<ClientConfig.Builder> more) {
    return Tributary.over(engine.connect(), more.apply(ClientConfig.builder("memory")).time(time).callbackExecutor(ClientConfig.INLINE).build());
  }
}

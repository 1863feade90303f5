package dev.tributary.testkit.contract;

import org.junit.jupiter.api.Nested;

/** A FlyMQ server without its features: all else is as it is with them. */
final class FeaturelessFlyMqTest {
  @Nested
  class Streams extends StreamContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.featureless();
    }
  }

  @Nested
  class Schemas extends SchemaContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.featureless();
    }
  }

  @Nested
  class Administration extends AdminContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.featureless();
    }
  }

  @Nested
  class BadInput extends BadInputContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.featureless();
    }
  }

  @Nested
  class Faults extends FaultContract {
    @Override
    protected Backend open() {
      return FlyMqGuises.featurelessOnSystemTime();
    }
  }
}

package dev.tributary.examples.readme;

import dev.tributary.testkit.contract.Backend;
import dev.tributary.testkit.contract.PublishContract;

final class MyPublishTest extends PublishContract {
  @Override
  protected Backend open() {
    return new MyBackend();
  }
}

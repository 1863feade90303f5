/** Tributary's contract: what every backend is held to, as JUnit suites. */
module dev.tributary.contract {
  requires static transitive org.jspecify;
  requires transitive dev.tributary.api;
  requires transitive dev.tributary.testkit;
  requires transitive org.junit.jupiter.api;
  requires org.assertj.core;
  requires org.junit.jupiter.params;
  requires org.opentest4j;

  // JUnit finds the cases by reflection.
  opens dev.tributary.testkit.contract;

  exports dev.tributary.testkit.contract;
}

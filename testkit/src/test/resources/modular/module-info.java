module program {
  requires dev.tributary.api;
  requires dev.tributary.testkit;
  requires com.fasterxml.jackson.databind;

  opens program to
      com.fasterxml.jackson.databind;
}

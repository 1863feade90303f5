package dev.tributary.kotlin

import dev.tributary.testkit.api.ApiDump
import io.kotest.core.spec.style.FunSpec
import java.nio.file.Path

/** The public API of this module is the committed one. */
class PublicApiSpec :
  FunSpec({
    test("the public API is the committed one") {
      // Surefire says where the module is.
      val module = Path.of(System.getProperty("basedir", "."))
      ApiDump.check(module.resolve("../docs/api/sdk-kotlin.txt"), Tributary::class.java)
    }
  })

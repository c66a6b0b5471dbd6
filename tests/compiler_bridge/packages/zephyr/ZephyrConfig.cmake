# Does with a module what Zephyr's build does: options from prj.conf, then the module's CMake file.
file(STRINGS ${CMAKE_CURRENT_SOURCE_DIR}/prj.conf options REGEX "^CONFIG_")
foreach(option ${options})
  string(REGEX MATCH "^([A-Z0-9_]+)=(.*)$" _ "${option}")
  set(${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
endforeach()

enable_language(C)
add_executable(app)
add_library(zephyr_interface INTERFACE)
target_include_directories(zephyr_interface INTERFACE ${CMAKE_CURRENT_LIST_DIR}/include)
target_link_libraries(app PRIVATE zephyr_interface)

macro(zephyr_include_directories)
  foreach(folder ${ARGV})
    get_filename_component(absolute ${folder} ABSOLUTE)
    target_include_directories(zephyr_interface INTERFACE ${absolute})
  endforeach()
endmacro()

macro(zephyr_compile_definitions)
  target_compile_definitions(zephyr_interface INTERFACE ${ARGV})
endmacro()

macro(zephyr_library_named name)
  set(ZEPHYR_CURRENT_LIBRARY ${name})
  add_library(${name} STATIC)
  target_link_libraries(${name} PUBLIC zephyr_interface)
  target_link_libraries(app PRIVATE ${name})
endmacro()

macro(zephyr_library_sources)
  target_sources(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGV})
endmacro()

macro(zephyr_library_compile_options)
  target_compile_options(${ZEPHYR_CURRENT_LIBRARY} PRIVATE ${ARGV})
endmacro()

foreach(module ${ZEPHYR_EXTRA_MODULES})
  file(STRINGS ${module}/zephyr/module.yml line REGEX "^  cmake: ")
  string(REPLACE "  cmake: " "" folder "${line}")
  add_subdirectory(${module}/${folder} ${CMAKE_BINARY_DIR}/modules)
endforeach()
